import { takeContent } from '../contents.ts'
import { storedFlags } from '../flags.ts'
import { addMessage, mailboxRecord, overQuota } from '../messages.ts'
import { mayAppend } from '../rules.ts'
import type { Handler } from '../tx.ts'

const noPrefix = new Uint8Array()

export const append: Handler<'append'> = (tx, job) => {
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (!mailbox) return { out: { refused: 'gone' } }
  if (!mayAppend(mailbox.type)) return { out: { refused: 'append-only' } }
  if (overQuota(tx, mailbox.account, job.content.size, job.quota)) return { out: { refused: 'over-quota' } }
  const { uid } = addMessage(tx, mailbox, {
    ...storedFlags(job.flags),
    internalDate: job.internalDate,
    savedAt: job.at ?? Date.now(),
    content: takeContent(tx, job.content),
    size: job.content.size,
    prefix: noPrefix,
  })
  return { out: { uid, uidValidity: mailbox.uid_validity } }
}
