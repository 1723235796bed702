/** Memory for messages that APPEND is about to read: taken in order of asking, given back when stored. */
export class Room {
  readonly #octets: number
  #used = 0
  readonly #waiting: { octets: number; go: () => void }[] = []

  constructor(octets: number) {
    this.#octets = octets
  }

  /** Resolves when there is room; a message larger than all of it waits until nothing else is held. */
  async take(octets: number): Promise<() => void> {
    if (this.#waiting.length || !this.#fits(octets)) await new Promise<void>((go) => this.#waiting.push({ octets, go }))
    else this.#used += octets
    return this.#hold(octets)
  }

  /** For whoever holds room already: waiting for more of it, several could wait for one another. */
  takeNow(octets: number): (() => void) | undefined {
    if (this.#waiting.length || this.#used + octets > this.#octets) return undefined
    this.#used += octets
    return this.#hold(octets)
  }

  #hold(octets: number): () => void {
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#used -= octets
      for (let next = this.#waiting[0]; next && this.#fits(next.octets); next = this.#waiting[0]) {
        this.#waiting.shift()
        this.#used += next.octets
        next.go()
      }
    }
  }

  #fits(octets: number): boolean {
    return this.#used === 0 || this.#used + octets <= this.#octets
  }
}
