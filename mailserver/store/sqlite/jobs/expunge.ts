import { removeOrKeep } from '../deleted.ts'
import { DELETED } from '../flags.ts'
import { type MessageRecord, mailboxRecord, messageColumns, messageRecords } from '../messages.ts'
import { mayExpunge } from '../rules.ts'
import { messageId, uidOf } from '../schema.ts'
import { type Handler, SLICE, type Tx } from '../tx.ts'

/** `asked`: the UIDs asked for, sorted once; up to `from` they are done, and everything up to the UID `after` */
type Progress = { asked: readonly number[] | undefined; from: number; after: number; uids: number[] }

export const expunge: Handler<'expunge'> = (tx, job, at) => {
  const progress = (at as Progress | undefined) ?? { asked: job.uids && sorted(job.uids), from: 0, after: 0, uids: [] }
  const { asked, from, after } = progress
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (!mailbox) return { out: { uids: progress.uids, modseq: 0 } }
  if (!mayExpunge(mailbox.type)) return { out: { refused: 'append-only' } }
  const rows = asked
    ? messageRecords(tx, mailbox.id, asked.slice(from, from + SLICE))
    : marked(tx, mailbox.id, after, job.force ?? false)
  const gone = rows.filter((r) => job.force || r.flags & DELETED)
  const modseq = removeOrKeep(tx, mailbox, gone, job.keep)
  const uids = progress.uids.concat(gone.map((r) => uidOf(r.id)))
  const done = asked ? from + SLICE >= asked.length : rows.length < SLICE
  if (done) return { out: { uids, modseq } }
  return { next: { asked, from: from + SLICE, after: asked ? after : uidOf(rows.at(-1)!.id), uids } satisfies Progress }
}

const sorted = (uids: readonly number[]): number[] => [...new Set(uids)].sort((a, b) => a - b)

const marked = (tx: Tx, mailbox: number, after: number, all: boolean): MessageRecord[] =>
  tx.sql.all(
    `select ${messageColumns} from message
     where id > ? and id < ? and (flags & 8 or ?) order by id limit ${SLICE}`,
    messageId(mailbox, after),
    messageId(mailbox + 1, 0),
    all ? 1 : 0,
  )
