import { exceeds, type Limits, type Usage } from '#mailserver/store/limits.ts'
import type { MailboxType } from '../port.ts'
import { noteChanged } from './changed.ts'
import { holdContent, releaseContent } from './contents.ts'
import { SEEN, type StoredFlags } from './flags.ts'
import { addPrefix, copyPrefix, dropPrefixes, type Prefixed, prefixColumns } from './prefixes.ts'
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
export type MessageRecord = StoredFlags &
  Prefixed & {
    id: number
    modseq: number
    internal_date: number
    /** prefix and content */
    size: number
    content: number
  }
/** what a `MessageRecord` is read by */
export const messageColumns = `id, modseq, flags, keywords, internal_date, size, content, ${prefixColumns}`

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

/** `hidden`: of deleted messages (deleted.ts): counted in no account, and nobody is told of it */
export type Place = { id: number; account: number; hidden?: true }

/** Adds one message with the next UID, counts it, and tells of it. The content is held by it from now on. */
export function addMessage(tx: Tx, mailbox: Place, m: NewMessage): { uid: number; modseq: number } {
  const size = m.prefix.length + m.size
  const given = grow(tx, mailbox, [{ flags: m.flags, size }])
  insert(tx, mailbox.id, given, {
    flags: m.flags,
    keywords: m.keywords,
    internal_date: m.internalDate,
    size,
    content: m.content,
    prefix_n: addPrefix(tx, m.prefix),
    savedAt: m.savedAt,
  })
  count(tx, mailbox.account, 1, size)
  return given
}

/** `flags`: what each gets of those that it has; all when absent. */
export type Arrival = { savedAt: number; flags?: (now: StoredFlags) => StoredFlags }

/** At most SLICE rows at a time. @returns the first of their UIDs, which follow one another */
export function copyMessages(tx: Tx, to: Place, rows: readonly MessageRecord[], arrival: Arrival): number {
  if (rows.length === 0) return 0
  const arriving = arrived(rows, arrival)
  const { uid, modseq } = grow(tx, to, arriving)
  for (const [i, row] of arriving.entries())
    insert(tx, to.id, { uid: uid + i, modseq }, { ...row, prefix_n: copyPrefix(tx, row), savedAt: arrival.savedAt })
  count(tx, to.account, rows.length, octetsOf(rows))
  return uid
}

/** As `copyMessages`, and they leave their mailbox in the same transaction. @returns also the MODSEQ of the mailbox that they left */
export function moveMessages(
  tx: Tx,
  from: Place,
  to: Place,
  rows: readonly MessageRecord[],
  arrival: Arrival,
): { uid: number; modseq: number } {
  if (rows.length === 0) return { uid: 0, modseq: shrink(tx, from, rows) }
  const arriving = arrived(rows, arrival)
  const { uid, modseq } = grow(tx, to, arriving)
  for (const [i, row] of arriving.entries())
    tx.sql.run(
      `update message set id = ?, mailbox = ?, modseq = ?, flags = ?, keywords = ?, saved_at = ?, prefix = x'', prefix_n = ?
       where id = ?`,
      messageId(to.id, uid + i),
      to.id,
      modseq,
      row.flags,
      row.keywords,
      arrival.savedAt,
      row.prefix_n ?? addPrefix(tx, row.prefix),
      row.id,
    )
  if (from.account !== to.account || from.hidden !== to.hidden) {
    if (!from.hidden) count(tx, from.account, -rows.length, -octetsOf(rows))
    if (!to.hidden) count(tx, to.account, rows.length, octetsOf(rows))
  }
  return { uid, modseq: shrink(tx, from, rows) }
}

const arrived = (rows: readonly MessageRecord[], { flags }: Arrival): readonly MessageRecord[] =>
  flags ? rows.map((row) => ({ ...row, ...flags(row) })) : rows

/** Room in the mailbox's counters for messages that come. @returns the first UID, and the MODSEQ of all of them */
function grow(
  tx: Tx,
  mailbox: Place,
  rows: readonly { flags: number; size: number }[],
): { uid: number; modseq: number } {
  const { next, modseq } = tx.sql.one<{ next: number; modseq: number }>(
    `update mailbox set uid_next = uid_next + ?1, modseq = modseq + 1, messages = messages + ?1, unseen = unseen + ?2,
     octets = octets + ?3 where id = ?4 returning uid_next as next, modseq`,
    rows.length,
    unseenOf(rows),
    octetsOf(rows),
    mailbox.id,
  )
  if (next - 1 > MAX_UID) throw new RangeError(`mailbox ${mailbox.id} has used all UIDs`)
  const uid = next - rows.length
  if (!mailbox.hidden) noteChanged(tx, mailbox.id, modseq, [[uid, next - 1]])
  if (!mailbox.hidden) tellExists(tx, mailbox, uid, modseq)
  return { uid, modseq }
}

type Row = Pick<MessageRecord, 'flags' | 'keywords' | 'internal_date' | 'size' | 'content' | 'prefix_n'> & {
  savedAt: number
}
function insert(tx: Tx, mailbox: number, { uid, modseq }: { uid: number; modseq: number }, row: Row): void {
  tx.sql.run(
    `insert into message (id, mailbox, modseq, flags, keywords, internal_date, size, content, prefix, saved_at, prefix_n)
     values (?, ?, ?, ?, ?, ?, ?, ?, x'', ?, ?)`,
    messageId(mailbox, uid),
    mailbox,
    modseq,
    row.flags,
    row.keywords,
    row.internal_date,
    row.size,
    row.content,
    row.savedAt,
    row.prefix_n,
  )
  holdContent(tx, row.content)
}

const octetsOf = (rows: readonly { size: number }[]): number => rows.reduce((sum, r) => sum + r.size, 0)
const unseenOf = (rows: readonly { flags: number }[]): number => rows.filter((r) => !(r.flags & SEEN)).length

/** One notice for all messages that a group adds to a mailbox; the first UID is enough to find the others. */
function tellExists(tx: Tx, mailbox: Place, uid: number, modseq: number): void {
  const told = tx.exists.get(mailbox.id)
  if (told) {
    told.modseq = modseq
    return
  }
  const change = { account: mailbox.account, mailbox: mailbox.id, kind: 'exists' as const, uid, modseq }
  tx.exists.set(mailbox.id, change)
  tx.changes.push(change)
}

/** At most SLICE rows at a time. @returns the mailbox's MODSEQ */
export function removeMessages(tx: Tx, mailbox: Place, rows: readonly MessageRecord[]): number {
  tx.sql.run('delete from message where id in (select value from json_each(?))', JSON.stringify(rows.map((r) => r.id)))
  dropPrefixes(tx, rows)
  for (const r of rows) releaseContent(tx, r.content)
  if (rows.length > 0 && !mailbox.hidden) count(tx, mailbox.account, -rows.length, -octetsOf(rows))
  return shrink(tx, mailbox, rows)
}

/** Counts and tells of rows that have left the mailbox. @returns its MODSEQ */
function shrink(tx: Tx, mailbox: Place, rows: readonly MessageRecord[]): number {
  const { modseq } = tx.sql.one<{ modseq: number }>(
    `update mailbox set modseq = modseq + ?, messages = messages - ?, unseen = unseen - ?, octets = octets - ?
     where id = ? returning modseq`,
    rows.length > 0 ? 1 : 0,
    rows.length,
    unseenOf(rows),
    octetsOf(rows),
    mailbox.id,
  )
  if (rows.length === 0 || mailbox.hidden) return modseq
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
  tx.sql.get(`select ${messageColumns} from message where id = ?`, messageId(mailbox, uid))

/** Those of the UIDs that exist, ascending, each once. */
export const messageRecords = (tx: Tx, mailbox: number, uids: readonly number[]): MessageRecord[] =>
  uids.length === 1
    ? [messageRecord(tx, mailbox, uids[0]!)].filter((m) => m !== undefined)
    : tx.sql.all(
        `select ${messageColumns} from message where id in (select value from json_each(?)) order by id`,
        idsOf(mailbox, uids),
      )

/** As JSON, for `json_each`. */
export const idsOf = (mailbox: number, uids: readonly number[]): string =>
  JSON.stringify(uids.map((uid) => messageId(mailbox, uid)))

/** What those of the UIDs that exist take up together. */
export const usageOf = (tx: Tx, mailbox: number, uids: readonly number[]): Usage =>
  tx.sql.one<Usage>(
    'select coalesce(sum(size), 0) as octets, count(*) as messages from message where id in (select value from json_each(?))',
    idsOf(mailbox, [...new Set(uids)]),
  )

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
