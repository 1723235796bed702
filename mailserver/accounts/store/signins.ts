import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { type FailureKind, type Failures, forgetMs, knownMs } from '../slowing.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest()

export type TokenRow = { account: number; process?: string; expires: number; ip?: string; client?: string }
/** a sign-in of the pages; `id` names the token without being it */
export type TokenSeen = { id: string; account: number; created: number; ip?: string; client?: string }

export function tokenTable(db: DatabaseSync) {
  const insert = db.prepare(
    'insert into token (hash, account, process, created, expires, ip, client) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const find = db.prepare('select account, process, expires from token where hash = ?')
  const remove = db.prepare('delete from token where hash = ?')
  const removeOf = db.prepare('delete from token where account = ? and process is null')
  const list = db.prepare('select * from token where process is null and expires > ? order by created')
  const purge = db.prepare('delete from token where expires <= ?')
  return {
    /** hex of the hash: names the token without being it */
    idOf: (token: string) => sha256(token).toString('hex'),
    insert(token: string, t: TokenRow, now: number): void {
      purge.run(now)
      insert.run(sha256(token), t.account, t.process ?? null, now, t.expires, t.ip ?? null, t.client ?? null)
    },
    byId(id: string): TokenRow | undefined {
      const row = find.get(Buffer.from(id, 'hex'))
      if (!row) return undefined
      const found: TokenRow = { account: Number(row['account']), expires: Number(row['expires']) }
      if (row['process'] !== null) found.process = String(row['process'])
      return found
    },
    /** those of pages, the oldest first */
    open: (now: number): TokenSeen[] =>
      list.all(now).map((r) => ({
        id: Buffer.from(r['hash'] as Uint8Array).toString('hex'),
        account: Number(r['account']),
        created: Number(r['created']),
        ...(r['ip'] !== null && { ip: String(r['ip']) }),
        ...(r['client'] !== null && { client: String(r['client']) }),
      })),
    removeById: (id: string) => void remove.run(Buffer.from(id, 'hex')),
    remove: (token: string) => remove.run(sha256(token)),
    /** those of pages; a service's own are not a person's sign-ins */
    removeOf: (account: number) => void removeOf.run(account),
  }
}

export function failureTable(db: DatabaseSync) {
  const get = db.prepare('select count, last_at, until_at from failure where key = ?')
  const put = db.prepare(
    `insert into failure (key, count, last_at, until_at) values (?, ?, ?, ?)
     on conflict (key) do update set count = excluded.count, last_at = excluded.last_at, until_at = excluded.until_at`,
  )
  const remove = db.prepare('delete from failure where key = ?')
  const purge = db.prepare('delete from failure where key in (select key from failure where last_at < ? limit 100)')
  const knows = db.prepare('select 1 from known where account = ? and ip = ? and last_at > ?')
  const learn = db.prepare(
    `insert into known (account, ip, last_at) values (:account, :ip, :now)
     on conflict (account, ip) do update set last_at = :now where last_at < :now - 86400000`,
  )
  const forget = db.prepare('delete from known where last_at < ?')
  const key = (kind: FailureKind, of: string) => sha256(`${kind} ${of}`)
  return {
    get(kind: FailureKind, of: string): Failures | undefined {
      const r = get.get(key(kind, of))
      return r && { count: Number(r['count']), lastAt: Number(r['last_at']), untilAt: Number(r['until_at']) }
    },
    put(kind: FailureKind, of: string, f: Failures): void {
      purge.run(f.lastAt - forgetMs)
      put.run(key(kind, of), f.count, f.lastAt, f.untilAt)
    },
    remove: (kind: FailureKind, of: string) => remove.run(key(kind, of)),
    knows: (account: number, ip: string, now: number) => knows.get(account, ip, now - knownMs) !== undefined,
    learn(account: number, ip: string, now: number): void {
      forget.run(now - knownMs)
      learn.run({ account, ip, now })
    },
  }
}
