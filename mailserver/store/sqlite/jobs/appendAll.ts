import { takeContent } from '../contents.ts'
import { storedFlags } from '../flags.ts'
import { addMessage, mailboxRecord, messageRecord, overQuota, removeMessages } from '../messages.ts'
import { mayAppend, mayExpunge } from '../rules.ts'
import type { Handler } from '../tx.ts'

const noPrefix = new Uint8Array()

/** One turn, whatever their number: what came first is not seen before the last is there. */
export const appendAll: Handler<'appendAll'> = (tx, job) => {
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (!mailbox) return { out: { refused: 'gone' } }
  if (!mayAppend(mailbox.type)) return { out: { refused: 'append-only' } }
  const from = job.replaces && mailboxRecord(tx, job.replaces.mailbox)
  const old = job.replaces && from && messageRecord(tx, from.id, job.replaces.uid)
  if (job.replaces && (!from || !old)) return { out: { refused: 'replaced-gone' } }
  if (from && !mayExpunge(from.type)) return { out: { refused: 'append-only' } }
  const octets = job.messages.reduce((sum, each) => sum + each.content.size, 0)
  const freed = from && old && from.account === mailbox.account ? old.size : 0
  if (octets > freed && overQuota(tx, mailbox.account, octets - freed, job.quota))
    return { out: { refused: 'over-quota' } }
  const uids = job.messages.map(({ content, flags, internalDate }) => {
    const { uid } = addMessage(tx, mailbox, {
      ...storedFlags(flags),
      internalDate,
      savedAt: job.at ?? Date.now(),
      content: takeContent(tx, content),
      size: content.size,
      prefix: noPrefix,
    })
    return uid
  })
  if (from && old) removeMessages(tx, from, [old])
  return { out: { uids, uidValidity: mailbox.uid_validity } }
}
