import type { DatabaseSync } from 'node:sqlite'

/** Entries lie on mailboxes that are there, or that wait to be emptied. */
export const auditMetadata = (db: DatabaseSync): string[] =>
  db
    .prepare('select distinct mailbox from metadata where mailbox != 0 and mailbox not in (select id from mailbox)')
    .all()
    .map((r) => `entries lie on mailbox ${r['mailbox']}, which is not there`)
