import type { QueueRow } from '#kit/directory/calls.ts'
import type { QueuedMail } from '#mailserver/store/port.ts'
import { call } from '../call.ts'
import { maybe, object, oneOf, whole } from '../input.ts'

export default call<'queue.list', { state?: QueueRow['state']; limit: number }>({
  may: ['cli', 'desk'],
  input: () => object({ state: maybe(oneOf('waiting', 'sending', 'held', 'done', 'failed')), limit: whole(1, 1000) }),
  run: ({ store }, q) => ({ rows: store.read.queue(q).map(toRow) }),
})

function toRow(m: QueuedMail): QueueRow {
  const instant = (at: number) => new Date(at).toISOString()
  const row: QueueRow = {
    id: String(m.id),
    from: m.from,
    to: m.to,
    state: m.state,
    attempts: m.attempts.map((a) => ({ ...a, at: instant(a.at) })),
    queuedAt: instant(m.queuedAt),
    messageId: m.messageId,
  }
  return m.state === 'waiting' ? { ...row, nextAt: instant(m.nextAt) } : row
}
