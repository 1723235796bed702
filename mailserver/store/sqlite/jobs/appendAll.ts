import type { Jobs } from '../../port.ts'
import { takeContent } from '../contents.ts'
import { storedFlags } from '../flags.ts'
import { addMessage, mailboxRecord, messageRecord, overQuota, removeMessages } from '../messages.ts'
import { remember, remembered } from '../remembered.ts'
import { mayAppend, mayExpunge } from '../rules.ts'
import type { Handler, ReadyJob, Tx } from '../tx.ts'

const noPrefix = new Uint8Array()
const nothing = { octets: 0, messages: 0 }

/** One turn, whatever their number: what came first is not seen before the last is there. */
export const appendAll: Handler<'appendAll'> = (tx, job) => ({ out: addAll(tx, job) })

export function addAll(tx: Tx, job: ReadyJob<'appendAll'>): Jobs['appendAll']['out'] {
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (!mailbox) return { refused: 'gone' }
  if (!mayAppend(mailbox.type)) return { refused: 'append-only' }
  const from = job.replaces && mailboxRecord(tx, job.replaces.mailbox)
  const old = job.replaces && from && messageRecord(tx, from.id, job.replaces.uid)
  if (job.replaces && (!from || !old)) return { refused: 'replaced-gone' }
  if (from && !mayExpunge(from.type)) return { refused: 'append-only' }
  const at = job.at ?? Date.now()
  const messages = job.messages.filter(({ once }) => !once || !remembered(tx.sql, mailbox.account, once.key, at))
  const octets = messages.reduce((sum, each) => sum + each.content.size, 0)
  const freed = from && old && from.account === mailbox.account ? { octets: old.size, messages: 1 } : nothing
  const more = { octets: octets - freed.octets, messages: messages.length - freed.messages }
  if (overQuota(tx, mailbox.account, more, job)) return { refused: 'over-quota' }
  const uids = messages.map(({ content, flags, internalDate, once }) => {
    if (once) remember(tx.sql, mailbox.account, once.key, once.until)
    const { uid } = addMessage(tx, mailbox, {
      ...storedFlags(flags),
      internalDate,
      savedAt: at,
      content: takeContent(tx, content),
      size: content.size,
      prefix: noPrefix,
    })
    return uid
  })
  if (from && old) removeMessages(tx, from, [old])
  return { uids, uidValidity: mailbox.uid_validity }
}
