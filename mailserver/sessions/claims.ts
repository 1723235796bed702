/**
 * What one session at a time may have, in all threads of the process: the main thread keeps the list, so that the claims of a
 * thread that dies end with it.
 */
type Main = { ask(ask: number, key: string): void; release(ask: number, key: string): void }

/** Gives it back; resolves when others can have it. Calling it again does no more. */
export type Release = () => Promise<void>

export class Claims {
  readonly #main: Main
  readonly #asked = new Map<number, (granted: boolean) => void>()
  #count = 0

  constructor(main: Main) {
    this.#main = main
  }

  /** @returns undefined when somebody has it */
  async take(key: string): Promise<Release | undefined> {
    if (!(await this.#ask((ask) => this.#main.ask(ask, key)))) return undefined
    let released: Promise<unknown> | undefined
    return async () => {
      released ??= this.#ask((ask) => this.#main.release(ask, key))
      await released
    }
  }

  #ask(question: (ask: number) => void): Promise<boolean> {
    const ask = ++this.#count
    return new Promise((resolve) => {
      this.#asked.set(ask, resolve)
      question(ask)
    })
  }

  /** @param granted of a release: true */
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
