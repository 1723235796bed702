/** When Junk and Trash are emptied: a while after the start, then every hour, one turn at a time. */
import { subsystem } from '#kit/log.ts'
import { type ExpireGiven, expire } from './expire.ts'

/** Whoever starts has more urgent work first. */
const afterStartMs = 60_000
/** A letter that should be kept for 30 days may be kept an hour longer. */
const everyMs = 3_600_000
/** Who is named in the record. */
const service = 'mailserver'

export class Expiry implements AsyncDisposable {
  readonly #given: ExpireGiven
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout
  #turn: Promise<void> = Promise.resolve()

  constructor(given: Omit<ExpireGiven, 'log'>) {
    this.#given = { ...given, log: subsystem('expiry') }
    this.#timer = setTimeout(() => this.#begin(), afterStartMs)
  }

  #begin(): void {
    this.#turn = expire(this.#given, { by: service, signal: this.#stop.signal })
      .then(() => undefined)
      .catch((err: unknown) => this.#given.log.error({ err }, 'Junk and Trash could not be emptied'))
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
