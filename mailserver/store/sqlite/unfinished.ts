/**
 * Jobs that take several transactions and must be whole all the same. A note of each is written with its first transaction and
 * goes with its last; one that is found at start, or when the writer has nothing else to do, was left by a stop or a fault and is
 * settled then. A COPY is undone: the destination is as it was (RFC 9051 §6.4.7), but for UIDs, which are not given twice. The
 * RENAME of an INBOX is finished: every message is in one of the two mailboxes at any time.
 */
import {
  type MailboxRecord,
  type MessageRecord,
  mailboxRecord,
  messageColumns,
  moveMessages,
  removeMessages,
} from './messages.ts'
import { messageId } from './schema.ts'
import { SLICE, type Tx } from './tx.ts'

/** UIDs of the copies in the mailbox `to`; no run is longer than SLICE. */
export type CopyNote = { job: 'copy'; to: number; runs: readonly (readonly [first: number, last: number])[] }
/** Messages of `inbox` up to the UID `last` go to the mailbox `to`. */
export type RenameNote = { job: 'renameInbox'; inbox: number; to: number; last: number }
type Note = CopyNote | RenameNote

/** @param n its number, when it is to be written anew @returns its number */
export function writeNote(tx: Tx, n: number | undefined, note: Note): number {
  return tx.sql.one<{ n: number }>(
    `insert into unfinished (n, note) values (?, ?)
     on conflict (n) do update set note = excluded.note returning n`,
    n ?? null,
    JSON.stringify(note),
  ).n
}

export function dropNote(tx: Tx, n: number): void {
  tx.sql.run('delete from unfinished where n = ?', n)
}

/** One step of settling what was left. @returns whether there was anything */
export function settleNote(tx: Tx): boolean {
  const left = tx.sql.get<{ n: number; note: string }>('select n, note from unfinished order by n limit 1')
  if (!left) return false
  const note = JSON.parse(left.note) as Note
  if (note.job === 'copy') undoCopy(tx, left.n)
  else if (!emptyInbox(tx, note)) dropNote(tx, left.n)
  return true
}

/** Takes one run of the copies away again, and the note with the last. @returns whether there are more */
export function undoCopy(tx: Tx, n: number): boolean {
  const { note } = tx.sql.one<{ note: string }>('select note from unfinished where n = ?', n)
  const { to, runs, ...rest } = JSON.parse(note) as CopyNote
  const left = runs.slice(0, -1)
  const mailbox = mailboxRecord(tx, to)
  const last = runs.at(-1)
  if (mailbox && last) removeMessages(tx, mailbox, within(tx, mailbox.id, ...last))
  if (!mailbox || left.length === 0) {
    dropNote(tx, n)
    return false
  }
  writeNote(tx, n, { ...rest, to, runs: left })
  return true
}

/** Moves one slice. @returns whether there may be more */
export function emptyInbox(tx: Tx, { inbox, to, last }: Omit<RenameNote, 'job'>): boolean {
  const from = mailboxRecord(tx, inbox)
  const target = mailboxRecord(tx, to)
  if (!from || !target) return false
  const rows = within(tx, from.id, 1, last)
  moveMessages(tx, from, target, rows, { savedAt: Date.now() })
  return rows.length === SLICE
}

const within = (tx: Tx, mailbox: MailboxRecord['id'], first: number, last: number): MessageRecord[] =>
  tx.sql.all(
    `select ${messageColumns} from message where id between ? and ? order by id limit ${SLICE}`,
    messageId(mailbox, first),
    messageId(mailbox, last),
  )
