import { dropIfUnheld, releaseContent, takeContent } from '../contents.ts'
import { deliverTo, queueFor, tellQueue } from '../deliveries.ts'
import { asQueued, type QueueRow, queueColumns } from '../queued.ts'
import type { Handler } from '../tx.ts'

/** Attempts kept with a row: five days of retries, with room; older ones make way. */
const MAX_ATTEMPTS = 100

/** No wait is so long (outbound/schedule.ts: 4 hours): what is due later was put off by a clock that has been put back, and is due now. */
const FURTHEST = 24 * 3600 * 1000

export const queueTake: Handler<'queueTake'> = (tx, { now, limit }) => {
  const due = tx.sql.all<{ id: number }>(
    `select id from queue where state = 'waiting' and (next_at <= ? or next_at > ?) order by next_at, id limit ?`,
    now,
    now + FURTHEST,
    limit,
  )
  const rows = due.map(({ id }) =>
    asQueued(tx.sql.one<QueueRow>(`update queue set state = 'sending' where id = ? returning ${queueColumns}`, id)),
  )
  if (rows.length > 0) tellQueue(tx)
  return { out: { rows } }
}

/**
 * Records an attempt. A row that is done gives its octets back; a failed one keeps them for as long as the row is kept,
 * so that it can be tried again by hand.
 * @throws Error when there is no such row
 */
export const queueResult: Handler<'queueResult'> = (tx, job) => {
  const row = tx.sql.get<QueueRow & { content: number | null }>(
    `select ${queueColumns}, content from queue where id = ?`,
    job.id,
  )
  if (!row) throw new Error(`no queue row ${job.id}`)
  const attempts = [...asQueued(row).attempts, job.attempt].slice(-MAX_ATTEMPTS)
  const ended = job.state === 'done' || job.state === 'failed'
  tx.sql.run(
    'update queue set state = ?, next_at = ?, attempts = ?, ended_at = ?, content = ? where id = ?',
    job.state,
    job.nextAt ?? row.next_at,
    JSON.stringify(attempts),
    ended ? job.attempt.at : null,
    job.state === 'done' ? null : row.content,
    job.id,
  )
  if (job.state === 'done' && row.content !== null) releaseContent(tx, row.content)
  if (job.dsn) {
    const content = takeContent(tx, job.dsn.content)
    deliverTo(tx, content, job.dsn.content.size, job.dsn.local, job.attempt.at)
    // the empty sender of a report, so that nothing answers it (RFC 3464 §2)
    queueFor(tx, content, { ...job.dsn, from: '', smtputf8: false, at: job.attempt.at })
    dropIfUnheld(tx, content)
  }
  tellQueue(tx)
  return { out: { ok: true } }
}

/** By hand. `ok: false`: there is no such row, it is being sent right now, or its octets are gone. */
export const queueSet: Handler<'queueSet'> = (tx, { id, state, nextAt }) => {
  const row = tx.sql.get<{ state: string; content: number | null }>('select state, content from queue where id = ?', id)
  if (!row || row.state === 'sending' || row.content === null) return { out: { ok: false } }
  tx.sql.run(
    'update queue set state = ?, next_at = coalesce(?, next_at), ended_at = case when ? = ? then coalesce(ended_at, next_at) end where id = ?',
    state,
    nextAt ?? null,
    state,
    'failed',
    id,
  )
  tellQueue(tx)
  return { out: { ok: true } }
}
