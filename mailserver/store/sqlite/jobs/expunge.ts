import { DELETED } from '../flags.ts'
import { type MessageRecord, mailboxRecord, messageRecords, removeMessages } from '../messages.ts'
import { mayExpunge } from '../rules.ts'
import { messageId, uidOf } from '../schema.ts'
import { type Handler, SLICE, type Tx } from '../tx.ts'

type Progress = { after: number; uids: number[] }

export const expunge: Handler<'expunge'> = (tx, job, at) => {
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (!mailbox) return { out: { uids: [], modseq: 0 } }
  if (!mayExpunge(mailbox.type)) return { out: { refused: 'append-only' } }
  const { after, uids } = (at as Progress | undefined) ?? { after: 0, uids: [] }
  const wanted = job.uids && sorted(job.uids).filter((uid) => uid > after)
  const rows = wanted
    ? messageRecords(tx, mailbox.id, wanted.slice(0, SLICE))
    : marked(tx, mailbox.id, after, job.force ?? false)
  const gone = rows.filter((r) => job.force || r.flags & DELETED)
  const modseq = removeMessages(tx, mailbox, gone)
  const all = uids.concat(gone.map((r) => uidOf(r.id)))
  const last = wanted ? wanted[SLICE - 1] : rows.length === SLICE ? uidOf(rows[SLICE - 1]!.id) : undefined
  return last === undefined ? { out: { uids: all, modseq } } : { next: { after: last, uids: all } }
}

const sorted = (uids: readonly number[]): number[] => [...new Set(uids)].sort((a, b) => a - b)

const marked = (tx: Tx, mailbox: number, after: number, all: boolean): MessageRecord[] =>
  tx.sql.all(
    `select id, modseq, flags, keywords, internal_date, size, content, prefix from message
     where id > ? and id < ? and (flags & 8 or ?) order by id limit ${SLICE}`,
    messageId(mailbox, after),
    messageId(mailbox + 1, 0),
    all ? 1 : 0,
  )
