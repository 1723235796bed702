/** INPROGRESS (RFC 9585): a client that waits long is told that its command is still being worked on, and how far it is. */
import type { Session } from './session.ts'

export class Progress {
  readonly #session: Session
  readonly #tag: string
  #told = performance.now()

  constructor(session: Session, tag: string) {
    this.#session = session
    this.#tag = tag
  }

  /** Between two lines of the answer, as often as one likes; `goal` stays the same for one command (§3). */
  look(at?: { done: number; goal: number }): void {
    const { out, given } = this.#session
    if (performance.now() - this.#told < given.progressMs) return
    this.#told = performance.now()
    const state = at ? `${Math.min(at.done, at.goal)} ${at.goal}` : 'NIL NIL'
    out.line(`* OK [INPROGRESS ("${this.#tag}" ${state})] Still working`)
    out.flush()
  }

  /** While the store does the work, of which it says nothing meanwhile. */
  async during<T>(work: Promise<T>): Promise<T> {
    const looking = setInterval(() => this.look(), Math.max(1, this.#session.given.progressMs))
    try {
      return await work
    } finally {
      clearInterval(looking)
    }
  }
}
