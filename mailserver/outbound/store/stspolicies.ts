/**
 * MTA-STS policies of other domains (RFC 8461) that were found once. A policy holds until its max_age, whatever is heard meanwhile and
 * however often the service starts again (§3.3, §5.1): whoever hides the record or the page from us must not be able to take TLS away.
 */
import type { DatabaseSync } from 'node:sqlite'
import { whereRoom } from '#kit/store/diskfull.ts'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { Statements } from '#kit/store/statements.ts'

export type Policy = {
  id?: string | false
  mode: string
  mx?: readonly string[]
  /** seconds */
  maxAge?: number
  expires?: string
  error?: unknown
}

/** A province writes to some thousand domains; few of them have a policy. */
const MOST = 10_000
/** RFC 8461 §3.2: a max_age is a year at most. What holds for longer was written by a clock that has been put back. */
const LONGEST_MS = 31_557_600_000
/** A policy that is seen again holds longer from then on; that is worth a write so often. */
const RENEWED_MS = 3_600_000

const steps = [
  `create table policy (
     domain text primary key,
     -- JSON of Policy
     policy text not null,
     -- milliseconds since 1970
     until integer not null
   ) strict, without rowid;
   create index policy_until on policy (until);`,
]

type Kept = { policy: Policy; until: number }

export class Policies implements Disposable {
  readonly #db: DatabaseSync
  readonly #sql: Statements

  /** @param file absent: in memory, for as long as the object lives */
  constructor(file = ':memory:', now = Date.now()) {
    this.#db = openDatabase(file)
    migrate(this.#db, steps)
    this.#sql = new Statements(this.#db)
    this.#sql.run('delete from policy where until <= ? or until > ?', now, now + LONGEST_MS)
  }

  /** in force, or undefined */
  of(domain: string, now = Date.now()): Policy | undefined {
    const known = this.#kept(domain)
    return known && known.until > now ? known.policy : undefined
  }

  /** What was heard just now; failures and "there is none" leave a policy in force as it is. Durable when it returns. */
  learn(domain: string, policy: Policy | undefined, now = Date.now()): void {
    if (!policy?.id || policy.error !== undefined || policy.maxAge === undefined) return
    const { id, mode, mx, maxAge, expires } = policy
    const heard: Policy = { id, mode, ...(mx && { mx }), maxAge, ...(expires !== undefined && { expires }) }
    const until = now + Math.min(maxAge * 1000, LONGEST_MS)
    const known = this.#kept(domain)
    if (known && sameRules(known.policy, heard) && Math.abs(until - known.until) < RENEWED_MS) return
    // a full disk keeps no letter from going; the next one to this domain brings the policy again
    whereRoom(() => {
      this.#sql.run(
        'insert or replace into policy (domain, policy, until) values (?, ?, ?)',
        domain,
        JSON.stringify(heard),
        until,
      )
      this.#sql.run(
        `delete from policy where domain in
         (select domain from policy order by until limit max(0, (select count(*) from policy) - ${MOST}))`,
      )
    })
  }

  #kept(domain: string): Kept | undefined {
    const row = this.#sql.get<{ policy: string; until: number }>(
      'select policy, until from policy where domain = ?',
      domain,
    )
    return row && { policy: JSON.parse(row.policy) as Policy, until: row.until }
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close()
  }
}

const sameRules = (a: Policy, b: Policy): boolean =>
  a.id === b.id && a.mode === b.mode && JSON.stringify(a.mx) === JSON.stringify(b.mx) && a.maxAge === b.maxAge
