import { maxAclEntries } from '../../port.ts'
import { type AclRow, aclColumns, asAcl } from '../acl.ts'
import { mailboxRecord } from '../messages.ts'
import type { Handler } from '../tx.ts'

/** One entry, and one line of the record that nobody rewrites. An entry that is not in force gives a change nothing to build on. */
export const setAcl: Handler<'setAcl'> = (tx, { identifier, negative, change, dates, by, at, ...job }) => {
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (!mailbox) return { out: { refused: 'gone' } }
  const row = tx.sql.get<AclRow>(
    `select ${aclColumns} from acl where mailbox = ? and identifier = ? and negative = ?`,
    mailbox.id,
    identifier,
    Number(negative),
  )
  const had = row && asAcl(row)
  const now = had && (had.from ?? at) <= at && at < (had.to ?? Infinity) ? had : undefined
  const before = (dates ? had : now)?.rights ?? ''
  const rights =
    change.op === 'set'
      ? change.rights
      : change.op === 'add'
        ? [...new Set(before + change.rights)].join('')
        : [...before].filter((letter) => !change.rights.includes(letter)).join('')
  const { from, to } = dates ?? now ?? {}
  if (rights === '') {
    if (!had) return { out: { ok: true } }
    tx.sql.run(
      'delete from acl where mailbox = ? and identifier = ? and negative = ?',
      mailbox.id,
      identifier,
      Number(negative),
    )
  } else {
    const { n } = tx.sql.one<{ n: number }>('select count(*) as n from acl where mailbox = ?', mailbox.id)
    if (!had && n >= maxAclEntries) return { out: { refused: 'limit' } }
    tx.sql.run(
      `insert or replace into acl (${aclColumns}) values (?, ?, ?, ?, ?, ?, ?, ?)`,
      mailbox.id,
      identifier,
      Number(negative),
      rights,
      from ?? null,
      to ?? null,
      by,
      at,
    )
  }
  tx.sql.run(
    `insert into acl_record (account, mailbox, path, identifier, negative, rights, from_at, to_at, by, at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    mailbox.account,
    mailbox.id,
    mailbox.path,
    identifier,
    Number(negative),
    rights,
    from ?? null,
    to ?? null,
    by,
    at,
  )
  return { out: { ok: true } }
}
