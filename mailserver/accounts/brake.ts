/** How slowing.ts is applied: which counters a sign-in is judged by, and what its outcome does to them. */
import type { DatabaseSync } from 'node:sqlite'
import { Refusal } from '#kit/refusal.ts'
import { whereRoom } from '#kit/store/diskfull.ts'
import { transact } from '#kit/store/transact.ts'
import { type FailureKind, type Failures, oneMore, secondsToWait } from './slowing.ts'
import type { AccountRow } from './store/accounts.ts'
import type { Tables } from './store/tables.ts'

export type Counter = readonly [kind: FailureKind, of: string]

/** Counters that a thread remembers while the disk is full; names that do not exist are counted too, and cost nothing to invent. */
const UNWRITTEN_MOST = 10_000

export class Brake {
  readonly #db: DatabaseSync
  readonly #t: Tables
  readonly #now: () => number
  /** What the disk had no room for: a full one lets nobody guess without end, and keeps nobody out. */
  readonly #unwritten = new Map<string, Failures>()

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
    const wait = Math.max(...counters.map((counter) => secondsToWait(this.#failures(counter), now)))
    if (wait > 0)
      throw new Refusal(429, `Sai quá nhiều lần. Vui lòng thử lại sau ${wait} giây.`, `slowed; wait ${wait} seconds`)
  }

  /** One more failure, unless slowed already. @throws Refusal 429 */
  count(counters: readonly Counter[]): void {
    this.#write(() => {
      this.refuseSlowed(counters)
      return counters.map((counter) => [counter, oneMore(counter[0], this.#failures(counter), this.#now())])
    })
  }

  /** The secret was right: what the account failed is forgotten, and this network is known. `counted`: its failure was written ahead. */
  release(counters: readonly Counter[], account: number, network: string, { counted }: { counted: boolean }): void {
    this.#write(() => counters.filter(([kind]) => kind !== 'address').map((counter) => [counter, undefined]))
    if (counted) this.takeBack(counters.filter(([kind]) => kind === 'address'))
    whereRoom(() => this.#t.failures.learn(account, network, this.#now()))
  }

  takeBack(counters: readonly Counter[]): void {
    this.#write(() =>
      counters.flatMap((counter): [Counter, Failures | undefined][] => {
        const f = this.#failures(counter)
        if (!f) return []
        const less = f.count <= 1 ? undefined : oneMore(counter[0], { ...f, count: f.count - 2 }, f.lastAt)
        return [[counter, less]]
      }),
    )
  }

  #failures([kind, of]: Counter): Failures | undefined {
    return this.#unwritten.get(`${kind} ${of}`) ?? this.#t.failures.get(kind, of)
  }

  /** In one transaction, or where the disk has no room, in memory. `undefined`: forgotten. */
  #write(decide: () => (readonly [Counter, Failures | undefined])[]): void {
    let decided: (readonly [Counter, Failures | undefined])[] = []
    const kept = whereRoom(() =>
      transact(this.#db, () => {
        decided = decide()
        for (const [[kind, of], failures] of decided)
          if (failures) this.#t.failures.put(kind, of, failures)
          else this.#t.failures.remove(kind, of)
      }),
    )
    for (const [[kind, of], failures] of decided) {
      const key = `${kind} ${of}`
      this.#unwritten.delete(key)
      if (!kept) this.#unwritten.set(key, failures ?? none)
    }
    for (const oldest of this.#unwritten.keys()) {
      if (this.#unwritten.size <= UNWRITTEN_MOST) break
      this.#unwritten.delete(oldest)
    }
  }
}

const none: Failures = { count: 0, lastAt: Number.NEGATIVE_INFINITY, untilAt: Number.NEGATIVE_INFINITY }
