import type { Mailbox, MailboxType, SpecialUse } from '../port.ts'
import { type MailboxRecord, mailboxAt } from './messages.ts'
import { cleanPath, typeOf } from './rules.ts'
import { MAX_MAILBOX } from './schema.ts'
import type { Tx } from './tx.ts'

export type MailboxRow = {
  id: number
  account: number
  path: string
  type: MailboxType
  special_use: SpecialUse | null
  subscribed: number
  uid_validity: number
  uid_next: number
  messages: number
  unseen: number
  octets: number
  modseq: number
}
export const mailboxColumns =
  'id, account, path, type, special_use, subscribed, uid_validity, uid_next, messages, unseen, octets, modseq'

export const asMailbox = (r: MailboxRow): Mailbox => ({
  id: r.id,
  account: r.account,
  path: r.path,
  type: r.type,
  ...(r.special_use ? { specialUse: r.special_use } : {}),
  subscribed: r.subscribed === 1,
  uidValidity: r.uid_validity,
  uidNext: r.uid_next,
  messages: r.messages,
  unseen: r.unseen,
  size: r.octets,
  highestModseq: r.modseq,
})

/** @throws Error when the account was never opened: who delivers must have asked the directory first */
export function accountKind(tx: Tx, account: number): string {
  const row = tx.sql.get<{ kind: string }>('select kind from account where id = ?', account)
  if (!row) throw new Error(`account ${account} has no mailboxes: it was never opened`)
  return row.kind
}

/** A new mailbox whose type follows from the account and the path. @throws when the cell is full */
export function makeMailbox(tx: Tx, account: number, path: string, specialUse?: SpecialUse): MailboxRecord {
  const clean = cleanPath(path)
  const type = typeOf(accountKind(tx, account), clean)
  const { id } = tx.sql.one<{ id: number }>(
    'insert into mailbox (account, path, type, special_use, uid_validity) values (?, ?, ?, ?, ?) returning id',
    account,
    clean,
    type,
    specialUse ?? null,
    nextUidValidity(tx),
  )
  if (id > MAX_MAILBOX) throw new RangeError('the cell has no room for another mailbox')
  tx.changes.push({ account, kind: 'folders', events: [{ event: 'created', mailbox: id, path: clean }] })
  const made = mailboxAt(tx, account, clean)
  if (!made) throw new Error(`mailbox ${id} was made and is not there`)
  return made
}

/** Where an account's deleted messages lie (deleted.ts); nobody sees it, and nobody is told. @throws when the cell is full */
export function makeDeletedMailbox(tx: Tx, account: number): { id: number; account: number } {
  const { id } = tx.sql.one<{ id: number }>(
    "insert into mailbox (account, path, type, doomed, subscribed, uid_validity) values (?, '', 'normal', 2, 0, ?) returning id",
    account,
    nextUidValidity(tx),
  )
  if (id > MAX_MAILBOX) throw new RangeError('the cell has no room for another mailbox')
  return { id, account }
}

export const mailboxOrNew = (tx: Tx, account: number, path: string, specialUse?: SpecialUse): MailboxRecord =>
  mailboxAt(tx, account, path) ?? makeMailbox(tx, account, path, specialUse)

/** Seconds since 1970, and always more than the last one given out (RFC 9051 §2.3.1.1), whatever the clock does. */
function nextUidValidity(tx: Tx): number {
  const now = Math.floor(Date.now() / 1000)
  return tx.sql.one<{ value: number }>(
    `insert into meta (name, value) values ('uidValidity', ?)
     on conflict (name) do update set value = max(value + 1, excluded.value) returning value`,
    now,
  ).value
}
