import type { AclEntry } from '../port.ts'
import type { Tx } from './tx.ts'

export type AclRow = {
  mailbox: number
  identifier: string
  negative: number
  rights: string
  from_at: number | null
  to_at: number | null
  by: string
  at: number
}
export const aclColumns = 'mailbox, identifier, negative, rights, from_at, to_at, by, at'

export const asAcl = (r: AclRow): AclEntry => ({
  mailbox: r.mailbox,
  identifier: r.identifier,
  negative: r.negative === 1,
  rights: r.rights,
  ...(r.from_at === null ? {} : { from: r.from_at }),
  ...(r.to_at === null ? {} : { to: r.to_at }),
  by: r.by,
  at: r.at,
})

/** A new mailbox is shared as the nearest one above it is (RFC 4314 §3): who may see a folder sees what is put below it. */
export function inheritAcl(tx: Tx, account: number, mailbox: number, path: string): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const above = tx.sql.get<{ id: number }>(
      'select id from mailbox where account = ? and path = ? and doomed = 0',
      account,
      path.slice(0, end),
    )
    if (!above) continue
    tx.sql.run(
      `insert into acl (${aclColumns})
       select ?, identifier, negative, rights, from_at, to_at, by, at from acl where mailbox = ?`,
      mailbox,
      above.id,
    )
    recordAll(tx, mailbox, 'rights')
    return
  }
}

/** Rights die with their mailbox. Call before its row is hidden or after, in the same transaction. */
export function forgetAcl(tx: Tx, mailbox: number): void {
  recordAll(tx, mailbox, "''")
  tx.sql.run('delete from acl where mailbox = ?', mailbox)
}

function recordAll(tx: Tx, mailbox: number, rights: 'rights' | "''"): void {
  tx.sql.run(
    `insert into acl_record (account, mailbox, path, identifier, negative, rights, from_at, to_at, by, at)
     select m.account, m.id, m.path, a.identifier, a.negative, ${rights}, a.from_at, a.to_at, a.by, a.at
     from acl a join mailbox m on m.id = a.mailbox where a.mailbox = ?`,
    mailbox,
  )
}
