import type { DatabaseSync } from 'node:sqlite'

/** By what somebody came in last, from where; one row for each such place. */
export type LastSignIn = { at: number; ip: string; scope: string; how: 'password' | 'app-password' | 'passkey' }

/** Places kept for one account: enough to see one that does not belong. */
const most = 30
/** The time is written at most this often. */
const everyMs = 60_000

export function lastSignInTable(db: DatabaseSync) {
  const get = db.prepare('select at from sign_in where account = ? and scope = ? and ip = ? and how = ?')
  const put = db.prepare(
    `insert into sign_in (account, scope, ip, how, at) values (?, ?, ?, ?, ?)
     on conflict (account, scope, ip, how) do update set at = excluded.at`,
  )
  const trim = db.prepare(
    `delete from sign_in where account = :account and at < (
       select at from sign_in where account = :account order by at desc limit 1 offset ${most - 1})`,
  )
  const list = db.prepare(`select * from sign_in where account = ? order by at desc limit ${most}`)
  return {
    note(account: number, { at, ip, scope, how }: LastSignIn): void {
      const before = get.get(account, scope, ip, how)
      if (before && Math.abs(at - Number(before['at'])) < everyMs) return
      put.run(account, scope, ip, how, at)
      if (!before) trim.run({ account })
    },
    /** newest first */
    of: (account: number): LastSignIn[] =>
      list.all(account).map((r) => ({
        at: Number(r['at']),
        ip: String(r['ip']),
        scope: String(r['scope']),
        how: r['how'] as LastSignIn['how'],
      })),
  }
}

/** When all sign-ins of an account were ended at once: what began under another stamp holds no longer. Never the same one twice, whatever the clock does. */
export function signedOutTable(db: DatabaseSync) {
  const get = db.prepare('select at from signed_out where account = ?')
  const put = db.prepare(
    'insert into signed_out (account, at) values (?, ?) on conflict (account) do update set at = max(at + 1, excluded.at)',
  )
  return {
    at: (account: number) => Number(get.get(account)?.['at'] ?? Number.NEGATIVE_INFINITY),
    put: (account: number, at: number) => void put.run(account, at),
  }
}
