/** Which sessions of this thread want to hear of changes in which accounts; a change costs those who see its account. */
import type { AccountId, Change } from '#mailserver/store/port.ts'
import type { Session } from './session.ts'

export class Listeners {
  readonly #of = new Map<AccountId, Set<Session>>()
  readonly #accounts = new Map<Session, ReadonlySet<AccountId>>()

  /** From now on these, and no others. */
  follow(session: Session, accounts: ReadonlySet<AccountId>): void {
    for (const account of this.#accounts.get(session) ?? []) if (!accounts.has(account)) this.#leave(account, session)
    for (const account of accounts) {
      const sessions = this.#of.get(account)
      if (sessions) sessions.add(session)
      else this.#of.set(account, new Set([session]))
    }
    this.#accounts.set(session, accounts)
  }

  drop(session: Session): void {
    for (const account of this.#accounts.get(session) ?? []) this.#leave(account, session)
    this.#accounts.delete(session)
  }

  #leave(account: AccountId, session: Session): void {
    const sessions = this.#of.get(account)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#of.delete(account)
  }

  changed(change: Change): void {
    if (!('account' in change)) return
    for (const session of this.#of.get(change.account) ?? []) session.notices?.hear(change)
  }
}
