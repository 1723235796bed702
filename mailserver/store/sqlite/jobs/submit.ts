import type { Jobs } from '../../port.ts'
import { dropIfUnheld, takeContent } from '../contents.ts'
import { deliverTo, queueFor } from '../deliveries.ts'
import { SEEN } from '../flags.ts'
import { HANDOVER_KEPT } from '../handovers.ts'
import { mailboxOrNew } from '../mailboxes.ts'
import { addMessage } from '../messages.ts'
import type { Handler } from '../tx.ts'

type Result = Jobs['submit']['out']

/** All of a submission, or nothing. The copy in Sent is read and never refused: the mail has been sent. */
export const submit: Handler<'submit'> = (tx, job) => {
  const id = takeContent(tx, job.content)
  if (job.handover !== undefined) {
    const before = tx.sql.get<{ result: string }>(
      'select result from submission where key = ? and at > ?',
      job.handover,
      job.at - HANDOVER_KEPT,
    )
    if (before) {
      dropIfUnheld(tx, id)
      return { out: { ...(JSON.parse(before.result) as Result), duplicate: true } }
    }
  }
  const results = deliverTo(tx, id, job.content.size, job.local, job.at)
  const queued = queueFor(tx, id, job)
  if (job.sent)
    addMessage(tx, mailboxOrNew(tx, job.sent.account, job.sent.mailbox), {
      flags: SEEN,
      keywords: '',
      internalDate: job.at,
      savedAt: job.at,
      content: id,
      size: job.content.size,
      prefix: new Uint8Array(),
    })
  dropIfUnheld(tx, id)
  const out: Result = { duplicate: false, results, queued }
  if (job.handover !== undefined)
    tx.sql.run(
      `insert into submission (key, result, at) values (?, ?, ?)
       on conflict (key) do update set result = excluded.result, at = excluded.at`,
      job.handover,
      JSON.stringify(out),
      job.at,
    )
  return { out }
}
