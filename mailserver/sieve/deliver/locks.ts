/** Waits of deliveries for each other, by account. */
export class Locks {
  readonly #last = new Map<number, Promise<void>>()

  /** Taken in one order by everybody, so that nobody waits in a circle. Disposing gives them back. */
  async take(keys: readonly number[]): Promise<AsyncDisposable> {
    const free: (() => void)[] = []
    for (const key of [...new Set(keys)].sort((a, b) => a - b)) {
      const before = this.#last.get(key)
      const mine = Promise.withResolvers<void>()
      this.#last.set(key, mine.promise)
      free.push(() => {
        if (this.#last.get(key) === mine.promise) this.#last.delete(key)
        mine.resolve()
      })
      await before
    }
    return {
      async [Symbol.asyncDispose]() {
        for (const one of free) one()
      },
    }
  }
}
