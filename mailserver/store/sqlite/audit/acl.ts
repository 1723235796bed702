import type { DatabaseSync } from 'node:sqlite'

/** Rights lie on mailboxes that are there, and are what the record of grants says last. */
export function auditAcl(db: DatabaseSync): string[] {
  const orphans = db
    .prepare('select mailbox, identifier from acl where mailbox not in (select id from mailbox where doomed = 0)')
    .all()
    .map((r) => `rights of ${r['identifier']} lie on mailbox ${r['mailbox']}, which is gone`)
  const wrong = db
    .prepare(
      `select coalesce(a.mailbox, r.mailbox) as mailbox, coalesce(a.identifier, r.identifier) as identifier
       from (select mailbox, identifier, negative, rights, max(n) from acl_record group by mailbox, identifier, negative) r
       full join acl a on a.mailbox = r.mailbox and a.identifier = r.identifier and a.negative = r.negative
       where coalesce(a.rights, '') != coalesce(r.rights, '')`,
    )
    .all()
    .map((r) => `rights of ${r['identifier']} on mailbox ${r['mailbox']} are not what was recorded last`)
  return [...orphans, ...wrong]
}
