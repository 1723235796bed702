/**
 * One IMAP connection for each session that has used the webmail lately. The person's token opens it; nothing is kept
 * that the server does not have.
 */
import { subsystem } from '#kit/log.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { type MailAccount, openAccount } from '#kit/mail/imap.ts'
import type { Session } from '#kit/web/session.ts'

const log = subsystem('webmail:connections')
/** A page is read for minutes between two clicks; opening again costs a few milliseconds. */
const idleMs = 5 * 60_000
const sweepMs = 30_000
/** A process of this size serves some hundreds of officials at once. */
const mostConnections = 1_000

type Open = { account: Promise<MailAccount>; usedAt: number }

export class MailConnections implements AsyncDisposable {
  readonly #access: (session: Session) => MailAccess
  readonly #open = new Map<string, Open>()
  readonly #sweeper: NodeJS.Timeout

  constructor(access: (session: Session) => MailAccess) {
    this.#access = access
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs)
    this.#sweeper.unref()
  }

  /** The session's connection, opened when there is none that works. @throws Refusal 401 when the token ended */
  async of(session: Session): Promise<MailAccount> {
    const known = this.#open.get(session.id)
    if (known) {
      const account = await known.account.catch(() => undefined) // the one who opened it was told
      if (account?.usable) {
        known.usedAt = performance.now()
        return account
      }
      this.#forget(session.id)
    }
    if (this.#open.size >= mostConnections) this.#forgetOldest()
    const account = openAccount(this.#access(session))
    this.#open.set(session.id, { account, usedAt: performance.now() })
    account.catch(() => this.#open.delete(session.id))
    return account
  }

  /** A connection of its own, for waiting on changes; the caller closes it. */
  watch(session: Session): Promise<MailAccount> {
    return openAccount(this.#access(session))
  }

  #sweep(): void {
    const before = performance.now() - idleMs
    for (const [id, { usedAt }] of this.#open) if (usedAt < before) this.#forget(id)
  }

  #forgetOldest(): void {
    const [oldest] = [...this.#open].sort((a, b) => a[1].usedAt - b[1].usedAt)
    if (oldest) this.#forget(oldest[0])
  }

  #forget(id: string): void {
    const known = this.#open.get(id)
    this.#open.delete(id)
    known?.account
      .then((account) => account[Symbol.asyncDispose]())
      .catch((err) => log.debug({ err }, 'a connection did not close cleanly'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper)
    const accounts = await Promise.allSettled([...this.#open.values()].map((o) => o.account))
    this.#open.clear()
    await Promise.allSettled(
      accounts.flatMap((a) => (a.status === 'fulfilled' ? [a.value[Symbol.asyncDispose]()] : [])),
    )
  }
}
