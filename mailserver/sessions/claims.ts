/**
 * What one session at a time may have, in all threads of the process: the main thread keeps the list, so that the claims of a
 * thread that dies end with it.
 */
export class Claims {
  readonly #main: { ask(ask: number, key: string): void; release(key: string): void }
  readonly #asked = new Map<number, (granted: boolean) => void>()
  #count = 0

  constructor(main: { ask(ask: number, key: string): void; release(key: string): void }) {
    this.#main = main
  }

  /** @returns the function that gives it back, or undefined when somebody has it */
  async take(key: string): Promise<(() => void) | undefined> {
    const ask = ++this.#count
    const granted = await new Promise<boolean>((resolve) => {
      this.#asked.set(ask, resolve)
      this.#main.ask(ask, key)
    })
    if (!granted) return undefined
    let held = true
    return () => {
      if (held) this.#main.release(key)
      held = false
    }
  }

  answered(ask: number, granted: boolean): void {
    this.#asked.get(ask)?.(granted)
    this.#asked.delete(ask)
  }
}

/** The main thread's list. */
export class ClaimBook {
  readonly #holders = new Map<string, number>()

  /** @returns whether this thread has it now, and had it not before */
  take(key: string, thread: number): boolean {
    if (this.#holders.has(key)) return false
    this.#holders.set(key, thread)
    return true
  }

  release(key: string, thread: number): void {
    if (this.#holders.get(key) === thread) this.#holders.delete(key)
  }

  threadEnded(thread: number): void {
    for (const [key, holder] of this.#holders) if (holder === thread) this.#holders.delete(key)
  }
}
