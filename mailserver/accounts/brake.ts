/** How slowing.ts is applied: which counters a sign-in is judged by, and what its outcome does to them. */
import type { DatabaseSync } from 'node:sqlite'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import { type FailureKind, oneMore, secondsToWait } from './slowing.ts'
import type { AccountRow } from './store/accounts.ts'
import type { Tables } from './store/tables.ts'

export type Counter = readonly [kind: FailureKind, of: string]

export class Brake {
  readonly #db: DatabaseSync
  readonly #t: Tables
  readonly #now: () => number

  constructor(db: DatabaseSync, tables: Tables, now: () => number) {
    this.#db = db
    this.#t = tables
    this.#now = now
  }

  /** @param name folded, of an account or of none @param network see `networkOf` */
  counters(name: string, account: AccountRow | undefined, network: string): Counter[] {
    if (account && this.#t.failures.knows(account.id, network, this.#now()))
      return [['pair', `${account.id} ${network}`]]
    return [
      ['account', name],
      ['address', network],
    ]
  }

  /** @throws Refusal 429 */
  refuseSlowed(counters: readonly Counter[]): void {
    const now = this.#now()
    const wait = Math.max(...counters.map(([kind, of]) => secondsToWait(this.#t.failures.get(kind, of), now)))
    if (wait > 0)
      throw new Refusal(429, `Sai quá nhiều lần. Vui lòng thử lại sau ${wait} giây.`, `slowed; wait ${wait} seconds`)
  }

  /** One more failure, unless slowed already. @throws Refusal 429 */
  count(counters: readonly Counter[]): void {
    transact(this.#db, () => {
      this.refuseSlowed(counters)
      for (const [kind, of] of counters)
        this.#t.failures.put(kind, of, oneMore(kind, this.#t.failures.get(kind, of), this.#now()))
    })
  }

  /** The secret was right: what the account failed is forgotten, and this network is known. `counted`: its failure was written ahead. */
  release(counters: readonly Counter[], account: number, network: string, { counted }: { counted: boolean }): void {
    transact(this.#db, () => {
      for (const [kind, of] of counters) if (kind !== 'address') this.#t.failures.remove(kind, of)
      if (counted) this.takeBack(counters.filter(([kind]) => kind === 'address'))
      this.#t.failures.learn(account, network, this.#now())
    })
  }

  takeBack(counters: readonly Counter[]): void {
    transact(this.#db, () => {
      for (const [kind, of] of counters) {
        const f = this.#t.failures.get(kind, of)
        if (!f) continue
        if (f.count <= 1) this.#t.failures.remove(kind, of)
        else this.#t.failures.put(kind, of, { ...oneMore(kind, { ...f, count: f.count - 2 }, f.lastAt) })
      }
    })
  }
}
