import type { DeliveryResult, Filed, Recipient } from '../port.ts'
import { inheritAcl } from './acl.ts'
import type { Content } from './content.ts'
import { dropIfUnheld, takeContent } from './contents.ts'
import { deliverTo, handedOver, queueFor } from './deliveries.ts'
import { storedFlags } from './flags.ts'
import { mailboxOrNew, makeMailbox } from './mailboxes.ts'
import { addMessage, type MailboxRecord, mailboxAt, overQuota } from './messages.ts'
import { forget, remember, remembered } from './remembered.ts'
import { cleanPath, mayDeliver } from './rules.ts'
import type { Ready, Tx } from './tx.ts'

type Given = {
  content: number
  size: number
  r: Ready<Recipient>
  filed: Ready<Filed>
  at: number
  handover?: string
}

/**
 * A delivery as the recipient's script wants it. Over quota is decided for all copies together, before anything is sent: then the
 * sender tries again, and nothing has happened.
 */
export function file(tx: Tx, { content, size, r, filed, at, handover }: Given): DeliveryResult {
  const sizes = filed.copies.map((c) => r.prefix.length + (c.edited?.content.size ?? size))
  if (overQuotaOf(tx, r, sizes)) return { ok: false, why: 'over-quota' }
  const keep = filed.sends.map((send) => sendOne(tx, r.account, send, at)).includes('keep')
  const copies: Ready<Filed>['copies'] =
    keep && filed.copies.length === 0 ? [{ mailbox: 'INBOX', flags: [], create: false }] : filed.copies
  const first = copies.map((copy) => addCopy(tx, { content, size, r, at }, copy))[0] ?? { mailbox: 0, uid: 0 }
  forget(tx.sql, at)
  for (const { key, until, renew } of filed.remember)
    if (renew || !remembered(tx.sql, r.account, key, at)) remember(tx.sql, r.account, key, until)
  handedOver(tx, handover, r.account, first.mailbox, first.uid, at)
  return { ok: true, ...first, duplicate: false }
}

function overQuotaOf(tx: Tx, r: Ready<Recipient>, sizes: readonly number[]): boolean {
  if (sizes.length === 0) return false
  return overQuota(tx, r.account, { octets: sizes.reduce((sum, n) => sum + n, 0), messages: sizes.length }, r)
}

function addCopy(
  tx: Tx,
  { content, size, r, at }: Omit<Given, 'filed'>,
  copy: Ready<Filed>['copies'][number],
): { mailbox: number; uid: number } {
  const mailbox = mailboxFor(tx, r.account, copy)
  const edited: Content | undefined = copy.edited?.content
  const { uid } = addMessage(tx, mailbox, {
    ...storedFlags([...(r.flags ?? []), ...copy.flags]),
    internalDate: at,
    savedAt: at,
    content: edited ? takeContent(tx, edited) : content,
    size: edited?.size ?? size,
    prefix: r.prefix,
  })
  return { mailbox: mailbox.id, uid }
}

function mailboxFor(tx: Tx, account: number, copy: { mailbox: string; create: boolean }): MailboxRecord {
  const path = cleanPath(copy.mailbox)
  const there = mailboxAt(tx, account, path)
  if (there && mayDeliver(there.type)) return there
  if (there || !copy.create) return mailboxOrNew(tx, account, 'INBOX')
  const made = makeMailbox(tx, account, path)
  inheritAcl(tx, account, made.id, path)
  return made
}

/** @returns keep: nobody could take it, and the owner must not lose it */
function sendOne(tx: Tx, account: number, send: Ready<Filed>['sends'][number], at: number): 'sent' | 'keep' {
  if (send.once) {
    if (remembered(tx.sql, account, send.once.key, at)) return 'sent'
    remember(tx.sql, account, send.once.key, send.once.until)
  }
  const content = takeContent(tx, send.content)
  const results = deliverTo(tx, content, send.content.size, send.local, at)
  queueFor(tx, content, { ...send, at })
  dropIfUnheld(tx, content)
  const lost = send.outside.length === 0 && !results.some((one) => one.ok)
  return send.orKeep && lost ? 'keep' : 'sent'
}
