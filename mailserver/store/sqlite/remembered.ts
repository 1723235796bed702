import type { Statements } from '#kit/store/statements.ts'

/** What holds for longer was written by a clock that has been put back: nobody waits for the length of a jump to be answered again. */
const REMEMBERED_MOST = 100 * 24 * 3600 * 1000
/** Expired memories that one delivery takes away: more than it can add. */
const FORGET_AT_ONCE = 100

/** Whether a script's `key` (of an answer, or of `duplicate`) is remembered at that time. */
export const remembered = (sql: Statements, account: number, key: string, at: number): boolean =>
  sql.get(
    'select 1 from remembered where account = ? and key = ? and until > ? and until <= ?',
    account,
    key,
    at,
    at + REMEMBERED_MOST,
  ) !== undefined

export function remember(sql: Statements, account: number, key: string, until: number): void {
  sql.run(
    `insert into remembered (account, key, until) values (?, ?, ?)
     on conflict (account, key) do update set until = excluded.until`,
    account,
    key,
    until,
  )
}

export function forget(sql: Statements, at: number): void {
  sql.run(
    `delete from remembered where (account, key) in
     (select account, key from remembered where until <= ? or until > ? limit ?)`,
    at,
    at + REMEMBERED_MOST,
    FORGET_AT_ONCE,
  )
}
