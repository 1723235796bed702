import { inheritAcl } from '../acl.ts'
import { deletedMailbox, forgetDeleted } from '../deleted.ts'
import { accountKind, mailboxOrNew, makeMailbox } from '../mailboxes.ts'
import {
  type MailboxRecord,
  type MessageRecord,
  mailboxAt,
  mailboxRecord,
  messageRecords,
  moveMessages,
  overQuota,
  usageOf,
} from '../messages.ts'
import { mayAppend, typeOf } from '../rules.ts'
import { type Handler, type ReadyJob, SLICE, type Tx } from '../tx.ts'

/** `uids`: those asked for, sorted once; up to `from` they are done */
type Progress = { uids: readonly number[]; from: number; messages: number; mailboxes: number[] }

export const restoreDeleted: Handler<'restoreDeleted'> = (tx, job, at) => {
  const begun = at as Progress | undefined
  const { uids, from, messages, mailboxes } = begun ?? { uids: sorted(job.uids), from: 0, messages: 0, mailboxes: [] }
  const deleted = deletedMailbox(tx, job.account)
  if (!deleted) return { out: { messages, mailboxes } }
  if (job.to !== undefined) {
    const to = mailboxRecord(tx, job.to)
    if (to?.account !== job.account) return { out: { refused: 'gone' } }
    if (!mayAppend(to.type)) return { out: { refused: 'append-only' } }
  }
  if (!begun && overQuota(tx, job.account, usageOf(tx, deleted.id, uids), job))
    return { out: { refused: 'over-quota' } }
  const rows = messageRecords(tx, deleted.id, uids.slice(from, from + SLICE))
  const homes = homesOf(tx, job, rows)
  forgetDeleted(tx, rows)
  for (const [home, some] of Map.groupBy(rows, (r) => homes.get(r.id)!))
    moveMessages(tx, deleted, home, some, { savedAt: job.at })
  const done: Progress = {
    uids,
    from: from + SLICE,
    messages: messages + rows.length,
    mailboxes: [...new Set([...mailboxes, ...[...homes.values()].map((home) => home.id)])],
  }
  if (done.from < uids.length) return { next: done }
  return { out: { messages: done.messages, mailboxes: done.mailboxes } }
}

const sorted = (uids: readonly number[]): number[] => [...new Set(uids)].sort((a, b) => a - b)

/** One record for each mailbox, so that rows can be grouped by it. */
function homesOf(tx: Tx, job: ReadyJob<'restoreDeleted'>, rows: readonly MessageRecord[]): Map<number, MailboxRecord> {
  const found = new Map<string, MailboxRecord>()
  const lay = new Map(
    tx.sql
      .all<{ message: number; mailbox: number; path: string }>(
        'select message, mailbox, path from deleted where message in (select value from json_each(?))',
        JSON.stringify(rows.map((r) => r.id)),
      )
      .map((r) => [r.message, r]),
  )
  return new Map(
    rows.map(({ id }) => {
      const { mailbox, path } = lay.get(id)!
      const key = job.to === undefined ? `${mailbox} ${path}` : ''
      const known = found.get(key)
      const home = known ?? (job.to === undefined ? homeOf(tx, job.account, mailbox, path) : mailboxRecord(tx, job.to)!)
      found.set(key, home)
      return [id, sameOne(found, home)]
    }),
  )
}

/** Two former mailboxes may have one home; it is one record then. */
const sameOne = (found: ReadonlyMap<string, MailboxRecord>, home: MailboxRecord): MailboxRecord =>
  [...found.values()].find((each) => each.id === home.id) ?? home

function homeOf(tx: Tx, account: number, mailbox: number, path: string): MailboxRecord {
  const there = mailboxRecord(tx, mailbox) ?? mailboxAt(tx, account, path)
  if (there && there.account === account && mayAppend(there.type) && !forgets(tx, there.id)) return there
  if (there || typeOf(accountKind(tx, account), path) !== 'normal') return mailboxOrNew(tx, account, 'INBOX')
  const made = makeMailbox(tx, account, path)
  inheritAcl(tx, account, made.id, path)
  return made
}

const forgets = (tx: Tx, mailbox: number): boolean =>
  tx.sql.get("select 1 from mailbox where id = ? and special_use in ('\\Junk', '\\Trash')", mailbox) !== undefined
