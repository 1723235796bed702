import { deletedMailbox, forgetDeleted } from '../deleted.ts'
import { type MessageRecord, messageColumns, messageRecords, removeMessages } from '../messages.ts'
import { mailboxOf, messageId } from '../schema.ts'
import { type Handler, type ReadyJob, SLICE, type Tx } from '../tx.ts'

/** One turn of at most SLICE messages: whoever has more to purge asks again. The octets are off the disk when it is answered. */
export const purgeDeleted: Handler<'purgeDeleted'> = (tx, job) => {
  const rows = chosen(tx, job, Math.min(SLICE, job.most))
  forgetDeleted(tx, rows)
  for (const [mailbox, some] of Map.groupBy(rows, (r) => mailboxOf(r.id)))
    removeMessages(tx, { id: mailbox, account: 0, hidden: true }, some)
  return { out: { messages: rows.length, octets: rows.reduce((sum, r) => sum + r.size, 0) } }
}

function chosen(tx: Tx, job: ReadyJob<'purgeDeleted'>, most: number): MessageRecord[] {
  if ('before' in job)
    return tx.sql.all(
      `select ${messageColumns} from message
       where id in (select message from deleted where at < ? order by at limit ?) order by id`,
      job.before,
      most,
    )
  const mailbox = deletedMailbox(tx, job.account)
  if (!mailbox) return []
  if ('uids' in job) return messageRecords(tx, mailbox.id, job.uids.slice(0, most))
  const rows = tx.sql.all<MessageRecord>(
    `select ${messageColumns} from message where id > ? and id < ? order by id limit ?`,
    messageId(mailbox.id, 0),
    messageId(mailbox.id + 1, 0),
    most,
  )
  let octets = mailbox.octets
  return rows.filter(({ size }) => {
    const tooMuch = octets > job.beyond
    if (tooMuch) octets -= size
    return tooMuch
  })
}
