import { exceeds, type Limits, type Usage } from '#mailserver/store/limits.ts'
import type { MailboxType } from '../port.ts'
import { holdContent, releaseContent } from './contents.ts'
import { SEEN, type StoredFlags } from './flags.ts'
import { MAX_UID, messageId, uidOf } from './schema.ts'
import type { Tx } from './tx.ts'

export type MailboxRecord = {
  id: number
  account: number
  path: string
  type: MailboxType
  uid_validity: number
  uid_next: number
  modseq: number
}
export type MessageRecord = StoredFlags & {
  id: number
  modseq: number
  internal_date: number
  size: number
  content: number
  prefix: Uint8Array
}

const mailboxColumns = 'id, account, path, type, uid_validity, uid_next, modseq'

export const mailboxRecord = (tx: Tx, id: number): MailboxRecord | undefined =>
  tx.sql.get(`select ${mailboxColumns} from mailbox where id = ? and doomed = 0`, id)

export const mailboxAt = (tx: Tx, account: number, path: string): MailboxRecord | undefined =>
  tx.sql.get(`select ${mailboxColumns} from mailbox where account = ? and path = ? and doomed = 0`, account, path)

export type NewMessage = StoredFlags & {
  internalDate: number
  /** when it comes into this mailbox (RFC 8514) */
  savedAt: number
  content: number
  /** octets of the content alone */
  size: number
  prefix: Uint8Array
}

/** Adds one message with the next UID, counts it, and tells of it. The content is held by it from now on. */
export function addMessage(
  tx: Tx,
  mailbox: { id: number; account: number },
  m: NewMessage,
): { uid: number; modseq: number } {
  const { uid, modseq } = tx.sql.one<{ uid: number; modseq: number }>(
    `update mailbox set uid_next = uid_next + 1, modseq = modseq + 1, messages = messages + 1, unseen = unseen + ?, octets = octets + ?
     where id = ? returning uid_next - 1 as uid, modseq`,
    m.flags & SEEN ? 0 : 1,
    m.prefix.length + m.size,
    mailbox.id,
  )
  if (uid > MAX_UID) throw new RangeError(`mailbox ${mailbox.id} has used all UIDs`)
  tx.sql.run(
    'insert into message (id, mailbox, modseq, flags, keywords, internal_date, size, content, prefix, saved_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    messageId(mailbox.id, uid),
    mailbox.id,
    modseq,
    m.flags,
    m.keywords,
    m.internalDate,
    m.prefix.length + m.size,
    m.content,
    m.prefix,
    m.savedAt,
  )
  count(tx, mailbox.account, 1, m.prefix.length + m.size)
  holdContent(tx, m.content)
  tellExists(tx, mailbox, uid, modseq)
  return { uid, modseq }
}

/** One notice for all messages that a group adds to a mailbox; the first UID is enough to find the others. */
function tellExists(tx: Tx, mailbox: { id: number; account: number }, uid: number, modseq: number): void {
  const told = tx.exists.get(mailbox.id)
  if (told) {
    told.modseq = modseq
    return
  }
  const change = { account: mailbox.account, mailbox: mailbox.id, kind: 'exists' as const, uid, modseq }
  tx.exists.set(mailbox.id, change)
  tx.changes.push(change)
}

/** At most SLICE rows at a time. A content that is to live on elsewhere (MOVE) must be held there first. @returns the mailbox's MODSEQ */
export function removeMessages(
  tx: Tx,
  mailbox: { id: number; account: number },
  rows: readonly MessageRecord[],
): number {
  const octets = rows.reduce((sum, r) => sum + r.size, 0)
  const { modseq } = tx.sql.one<{ modseq: number }>(
    `update mailbox set modseq = modseq + ?, messages = messages - ?, unseen = unseen - ?, octets = octets - ?
     where id = ? returning modseq`,
    rows.length > 0 ? 1 : 0,
    rows.length,
    rows.filter((r) => !(r.flags & SEEN)).length,
    octets,
    mailbox.id,
  )
  if (rows.length === 0) return modseq
  for (const r of rows) {
    tx.sql.run('delete from message where id = ?', r.id)
    releaseContent(tx, r.content)
  }
  count(tx, mailbox.account, -rows.length, -octets)
  const uids = rows.map((r) => uidOf(r.id))
  for (const [first, last] of runs(uids))
    tx.sql.run(
      'insert into vanished (mailbox, modseq, first, last) values (?, ?, ?, ?)',
      mailbox.id,
      modseq,
      first,
      last,
    )
  tx.changes.push({ account: mailbox.account, mailbox: mailbox.id, kind: 'vanished', uids, modseq })
  return modseq
}

function count(tx: Tx, account: number, messages: number, octets: number): void {
  tx.sql.run('update account set messages = messages + ?, octets = octets + ? where id = ?', messages, octets, account)
}

export const overQuota = (tx: Tx, account: number, more: Usage, limits: Limits): boolean =>
  (limits.quota !== undefined || limits.mostMessages !== undefined) &&
  exceeds(tx.sql.one<Usage>('select octets, messages from account where id = ?', account), more, limits)

export const messageRecord = (tx: Tx, mailbox: number, uid: number): MessageRecord | undefined =>
  tx.sql.get(
    'select id, modseq, flags, keywords, internal_date, size, content, prefix from message where id = ?',
    messageId(mailbox, uid),
  )

/** Those of the UIDs that exist, ascending, each once. */
export function messageRecords(tx: Tx, mailbox: number, uids: readonly number[]): MessageRecord[] {
  return [...new Set(uids)]
    .sort((a, b) => a - b)
    .map((uid) => messageRecord(tx, mailbox, uid))
    .filter((m) => m !== undefined)
}

/** Ascending UIDs as inclusive runs. */
export function runs(uids: readonly number[]): [first: number, last: number][] {
  const found: [number, number][] = []
  for (const uid of uids) {
    const open = found.at(-1)
    if (open && open[1] === uid - 1) open[1] = uid
    else found.push([uid, uid])
  }
  return found
}
