import type { DatabaseSync } from 'node:sqlite'
import type { AppScope } from '#kit/directory/calls.ts'
import type { ScramKeys } from '../scramkeys.ts'

export type AppPasswordRow = {
  /** names it without being it */
  id: string
  account: number
  /** of the device or program */
  name: string
  scopes: readonly AppScope[]
  created: number
  /** from this instant on it no longer holds */
  expires?: number
  used?: { at: number; ip: string; scope: string }
}

export function appPasswordTable(db: DatabaseSync) {
  const insert = db.prepare(
    `insert into app_password (id, account, name, scopes, hash, stored_key, server_key, iterations, created, expires)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const byHash = db.prepare('select * from app_password where account = ? and hash = ?')
  const byId = db.prepare('select * from app_password where id = ?')
  const ofAccount = db.prepare('select * from app_password where account = ? order by created desc, id')
  const count = db.prepare('select count(*) as n from app_password where account = ?')
  const remove = db.prepare('delete from app_password where id = ?')
  const use = db.prepare('update app_password set used_at = ?, used_ip = ?, used_scope = ? where id = ?')
  const keys = db.prepare(
    `select id, stored_key, server_key from app_password
     where account = ? and iterations = ? and (expires is null or expires > ?)`,
  )
  return {
    insert(row: AppPasswordRow, hash: Buffer, scram: (ScramKeys & { iterations: number }) | undefined): void {
      const { id, account, name, scopes, created, expires } = row
      insert.run(
        id,
        account,
        name,
        scopes.join(' '),
        hash,
        scram?.storedKey ?? null,
        scram?.serverKey ?? null,
        scram?.iterations ?? null,
        created,
        expires ?? null,
      )
    },
    byHash: (account: number, hash: Buffer) => toRow(byHash.get(account, hash)),
    byId: (id: string) => toRow(byId.get(id)),
    /** newest first */
    ofAccount: (account: number) => ofAccount.all(account).map((r) => toRow(r)!),
    count: (account: number) => Number(count.get(account)!['n']),
    remove: (id: string) => Number(remove.run(id).changes) === 1,
    use: (id: string, { at, ip, scope }: NonNullable<AppPasswordRow['used']>) => void use.run(at, ip, scope, id),
    /** SCRAM keys of those that hold at `now` */
    keys: (account: number, iterations: number, now: number): (ScramKeys & { id: string })[] =>
      keys.all(account, iterations, now).map((r) => ({
        id: String(r['id']),
        storedKey: Buffer.from(r['stored_key'] as Uint8Array),
        serverKey: Buffer.from(r['server_key'] as Uint8Array),
      })),
  }
}

function toRow(r: Record<string, unknown> | undefined): AppPasswordRow | undefined {
  if (!r) return undefined
  const row: AppPasswordRow = {
    id: String(r['id']),
    account: Number(r['account']),
    name: String(r['name']),
    scopes: String(r['scopes']).split(' ') as AppScope[],
    created: Number(r['created']),
  }
  if (r['expires'] !== null) row.expires = Number(r['expires'])
  if (r['used_at'] !== null)
    row.used = { at: Number(r['used_at']), ip: String(r['used_ip']), scope: String(r['used_scope']) }
  return row
}
