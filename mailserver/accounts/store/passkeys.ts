import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

export type PasskeyRow = {
  /** credential id, base64url */
  id: string
  account: number
  /** of the device, as the person calls it */
  name: string
  /** COSE key */
  publicKey: Uint8Array<ArrayBuffer>
  signCount: number
  transports: readonly string[]
  /** its maker copies it to the person's other devices */
  backedUp: boolean
  created: number
  used?: { at: number; ip: string }
  /** since when it opens nothing: its counter went back */
  blocked?: number
}

export function passkeyTable(db: DatabaseSync) {
  const secret = db.prepare("select value from secret where name = 'passkey'").get()!
  const insert = db.prepare(
    `insert into passkey (id, account, name, public_key, sign_count, transports, backed_up, created)
     values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`,
  )
  const byId = db.prepare('select * from passkey where id = ?')
  const ofAccount = db.prepare('select * from passkey where account = ? order by created desc, id')
  const use = db.prepare('update passkey set sign_count = ?, backed_up = ?, used_at = ?, used_ip = ? where id = ?')
  const block = db.prepare('update passkey set blocked = ? where id = ? and blocked is null')
  const remove = db.prepare('delete from passkey where id = ?')
  const purge = db.prepare('delete from passkey_challenge where expires <= ?')
  const spend = db.prepare('insert into passkey_challenge (hash, expires) values (?, ?) on conflict (hash) do nothing')
  return {
    /** of the installation: seals challenges, and names accounts to authenticators without naming people */
    secret: Buffer.from(secret['value'] as Uint8Array),
    /** @returns false when somebody has that id already */
    insert: (row: Omit<PasskeyRow, 'used' | 'blocked'>) =>
      Number(
        insert.run(
          row.id,
          row.account,
          row.name,
          row.publicKey,
          row.signCount,
          row.transports.join(' '),
          Number(row.backedUp),
          row.created,
        ).changes,
      ) === 1,
    byId: (id: string) => toRow(byId.get(id)),
    /** newest first */
    ofAccount: (account: number) => ofAccount.all(account).map((row) => toRow(row)!),
    use: (id: string, now: { signCount: number; backedUp: boolean; at: number; ip: string }) =>
      void use.run(now.signCount, Number(now.backedUp), now.at, now.ip, id),
    block: (id: string, at: number) => void block.run(at, id),
    remove: (id: string) => void remove.run(id),
    /** @returns false when this challenge was answered before */
    spend(challenge: string, expires: number, now: number): boolean {
      purge.run(now)
      return Number(spend.run(createHash('sha256').update(challenge).digest(), expires).changes) === 1
    },
  }
}

function toRow(r: Record<string, unknown> | undefined): PasskeyRow | undefined {
  if (!r) return undefined
  const row: PasskeyRow = {
    id: String(r['id']),
    account: Number(r['account']),
    name: String(r['name']),
    publicKey: new Uint8Array(r['public_key'] as Uint8Array),
    signCount: Number(r['sign_count']),
    transports: String(r['transports']).split(' ').filter(Boolean),
    backedUp: Number(r['backed_up']) === 1,
    created: Number(r['created']),
  }
  if (r['used_at'] !== null) row.used = { at: Number(r['used_at']), ip: String(r['used_ip']) }
  if (r['blocked'] !== null) row.blocked = Number(r['blocked'])
  return row
}
