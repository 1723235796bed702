import { noteUnindexed } from '../indexing.ts'
import { accountKind, mailboxOrNew } from '../mailboxes.ts'
import { addMessage, mailboxAt, messageRecord, removeMessages } from '../messages.ts'
import { readPrefix } from '../prefixes.ts'
import type { Handler } from '../tx.ts'

/** A header line holds 998 octets (RFC 5322 §2.1.1); this leaves room for the name, the date and three octets a letter. */
const MAX_WHY = 300

/**
 * Moves a command that cannot be worked on from INBOX to "Dead letters", with the reason in its prefix. Its octets,
 * and so its seal, stay as they are. `ok: false`: it is no longer in INBOX.
 */
export const ledgerDeadLetter: Handler<'ledgerDeadLetter'> = (tx, { account, uid, why, at }) => {
  if (accountKind(tx, account) !== 'register') throw new Error(`account ${account} is no register`)
  const inbox = mailboxAt(tx, account, 'INBOX')
  const row = inbox && messageRecord(tx, inbox.id, uid)
  if (!inbox || !row) return { out: { ok: false } }
  const line = why
    .replaceAll(/[\0-\x1f\x7f]+/g, ' ')
    .slice(0, MAX_WHY)
    .toWellFormed()
  const now = readPrefix(tx, row)
  const prefix = Buffer.concat([Buffer.from(`Delivery-Failure: ${new Date(at).toISOString()}; ${line}\r\n`), now])
  addMessage(tx, mailboxOrNew(tx, account, 'Dead letters'), {
    flags: row.flags,
    keywords: row.keywords,
    internalDate: row.internal_date,
    savedAt: at,
    content: row.content,
    size: row.size - now.length,
    prefix,
  })
  noteUnindexed(tx, row.content)
  removeMessages(tx, inbox, [row])
  return { out: { ok: true } }
}
