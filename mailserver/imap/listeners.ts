/** Which sessions of this thread want to hear of changes in which accounts; a change costs those who see its account. */
import type { AccountId, Change, Store } from '#mailserver/store/port.ts'
import type { Session } from './session.ts'

export class Listeners {
  readonly #store: Pick<Store, 'follow'>
  readonly #of = new Map<AccountId, { sessions: Set<Session>; unfollow: () => void }>()
  readonly #accounts = new Map<Session, ReadonlySet<AccountId>>()

  constructor(store: Pick<Store, 'follow'>) {
    this.#store = store
  }

  /** From now on these, and no others. */
  follow(session: Session, accounts: ReadonlySet<AccountId>): void {
    for (const account of this.#accounts.get(session) ?? []) if (!accounts.has(account)) this.#leave(account, session)
    for (const account of accounts) {
      const known = this.#of.get(account)
      if (known) known.sessions.add(session)
      else this.#of.set(account, { sessions: new Set([session]), unfollow: this.#store.follow(account) })
    }
    this.#accounts.set(session, accounts)
  }

  drop(session: Session): void {
    for (const account of this.#accounts.get(session) ?? []) this.#leave(account, session)
    this.#accounts.delete(session)
  }

  #leave(account: AccountId, session: Session): void {
    const known = this.#of.get(account)
    known?.sessions.delete(session)
    if (known?.sessions.size !== 0) return
    known.unfollow()
    this.#of.delete(account)
  }

  changed(change: Change): void {
    if (!('account' in change)) return
    for (const session of this.#of.get(change.account)?.sessions ?? []) session.notices?.hear(change)
  }
}
