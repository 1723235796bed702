/**
 * Jobs waiting for the writer: first come first served within an account, and the accounts take turns, so that one
 * account's thousand jobs stand before nobody else's single one. A job that is not finished goes back to the head of its account's line.
 */
export class FairQueue<T> {
  readonly #lines = new Map<string, T[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(key: string, item: T): void {
    const line = this.#lines.get(key)
    if (line) line.push(item)
    else this.#lines.set(key, [item])
    this.#size++
  }

  putBack(key: string, item: T): void {
    const line = this.#lines.get(key)
    if (line) line.unshift(item)
    else this.#lines.set(key, [item])
    this.#size++
  }

  /** One of each line in turn, until the weights reach `budget`; always at least one. At most one for a line that holds a sliced job. */
  take(budget: number, weigh: (item: T) => number, sliced: (item: T) => boolean): { key: string; item: T }[] {
    const taken: { key: string; item: T }[] = []
    const closed = new Set<string>()
    let left = budget
    while (left > 0 && closed.size < this.#lines.size)
      for (const [key, line] of this.#lines) {
        if (closed.has(key)) continue
        const item = line.shift()
        if (item === undefined) {
          closed.add(key)
          continue
        }
        this.#size--
        // what follows a job that may not finish in this turn must not overtake it
        if (sliced(item)) closed.add(key)
        taken.push({ key, item })
        left -= weigh(item)
        if (left <= 0) break
      }
    this.#rotate(taken)
    return taken
  }

  /** Who was served goes behind who was not; empty lines go. */
  #rotate(taken: readonly { key: string }[]): void {
    for (const { key } of taken) {
      const line = this.#lines.get(key)
      this.#lines.delete(key)
      if (line && line.length > 0) this.#lines.set(key, line)
    }
  }
}
