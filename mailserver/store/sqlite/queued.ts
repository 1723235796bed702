import type { DsnRequest, QueuedMail, QueueState } from '../port.ts'

export type QueueRow = {
  id: number
  sender: string
  recipient: string
  state: QueueState
  smtputf8: number
  eight_bit: number
  message_id: string
  queued_at: number
  next_at: number
  attempts: string
  dsn: string | null
}
export const queueColumns =
  'id, sender, recipient, state, smtputf8, eight_bit, message_id, queued_at, next_at, attempts, dsn'

export const asQueued = (r: QueueRow): QueuedMail => ({
  id: r.id,
  from: r.sender,
  to: r.recipient,
  state: r.state,
  smtputf8: r.smtputf8 === 1,
  eightBit: r.eight_bit === 1,
  messageId: r.message_id,
  queuedAt: r.queued_at,
  nextAt: r.next_at,
  attempts: JSON.parse(r.attempts) as QueuedMail['attempts'],
  ...(r.dsn === null ? {} : { dsn: JSON.parse(r.dsn) as DsnRequest }),
})
