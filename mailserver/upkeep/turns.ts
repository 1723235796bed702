/** Work of the house that comes again and again: a while after the start, then some time after each turn, one turn at a time. */
import type { Log } from '#kit/log.ts'

export type TurnsGiven = {
  /** @param signal stop soon: the rest is done at the next turn */
  work: (signal: AbortSignal) => Promise<unknown>
  afterStartMs: number
  everyMs: number
  log: Log
  /** what is logged when a turn fails */
  failed: string
}

export class Turns implements AsyncDisposable {
  readonly #given: TurnsGiven
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout
  #turn: Promise<void> = Promise.resolve()

  constructor(given: TurnsGiven) {
    this.#given = given
    this.#timer = setTimeout(() => this.#begin(), given.afterStartMs)
  }

  #begin(): void {
    const { work, everyMs, log, failed } = this.#given
    this.#turn = work(this.#stop.signal)
      .then(() => undefined)
      .catch((err: unknown) => log.error({ err }, failed))
      .finally(() => {
        if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => this.#begin(), everyMs)
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#turn
  }
}
