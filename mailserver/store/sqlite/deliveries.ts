import type { DeliveryResult, DsnRequest, Recipient } from '../port.ts'
import { holdContent } from './contents.ts'
import { file } from './filed.ts'
import { storedFlags } from './flags.ts'
import { deliveredBefore } from './handovers.ts'
import { accountKind, mailboxOrNew } from './mailboxes.ts'
import { addMessage, overQuota } from './messages.ts'
import { mayDeliver } from './rules.ts'
import type { Ready, Tx } from './tx.ts'

/**
 * One message for each recipient, all pointing to one content, in one transaction.
 * Recipients over their quota are refused one by one; a recipient without `quota` never is.
 */
export function deliverTo(
  tx: Tx,
  content: number,
  size: number,
  recipients: readonly Ready<Recipient>[],
  at: number,
  handover?: string,
): DeliveryResult[] {
  return recipients.map((r) => {
    const before = handover === undefined ? undefined : deliveredBefore(tx.sql, handover, r.account, at)
    if (before) return { ok: true, mailbox: before.mailbox, uid: before.uid, duplicate: true }
    accountKind(tx, r.account)
    if (r.filed)
      return file(tx, { content, size, r, filed: r.filed, at, ...(handover === undefined ? {} : { handover }) })
    if (overQuota(tx, r.account, { octets: r.prefix.length + size, messages: 1 }, r))
      return { ok: false, why: 'over-quota' }
    const mailbox = mailboxOrNew(tx, r.account, r.mailbox)
    if (!mayDeliver(mailbox.type)) throw new Error(`nothing is delivered to ${mailbox.path} of account ${r.account}`)
    const { uid } = addMessage(tx, mailbox, {
      ...storedFlags(r.flags ?? []),
      internalDate: at,
      savedAt: at,
      content,
      size,
      prefix: r.prefix,
    })
    handedOver(tx, handover, r.account, mailbox.id, uid, at)
    return { ok: true, mailbox: mailbox.id, uid, duplicate: false }
  })
}

/** Remembers the delivery by its hand-over, when it has one. */
export function handedOver(
  tx: Tx,
  handover: string | undefined,
  account: number,
  mailbox: number,
  uid: number,
  at: number,
): void {
  if (handover === undefined) return
  tx.sql.run(
    `insert into handover (key, account, mailbox, uid, at) values (?, ?, ?, ?, ?)
     on conflict (key, account) do update set mailbox = excluded.mailbox, uid = excluded.uid, at = excluded.at`,
    handover,
    account,
    mailbox,
    uid,
    at,
  )
}

export type Outgoing = {
  from: string
  outside: readonly string[]
  messageId: string
  smtputf8: boolean
  eightBit: boolean
  at: number
  dsn?: readonly { to: string; request: DsnRequest }[]
}

/** One queue row for each outside recipient, due at once. @returns their ids */
export function queueFor(tx: Tx, content: number, o: Outgoing): number[] {
  const requests = new Map(o.dsn?.map(({ to, request }) => [to, JSON.stringify(request)]))
  const ids = o.outside.map(
    (to) =>
      tx.sql.one<{ id: number }>(
        `insert into queue (sender, recipient, state, smtputf8, eight_bit, message_id, queued_at, next_at, content, dsn)
         values (?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?) returning id`,
        o.from,
        to,
        o.smtputf8 ? 1 : 0,
        o.eightBit ? 1 : 0,
        o.messageId,
        o.at,
        o.at,
        content,
        requests.get(to) ?? null,
      ).id,
  )
  if (ids.length > 0) {
    holdContent(tx, content, ids.length)
    tellQueue(tx)
  }
  return ids
}

export function tellQueue(tx: Tx): void {
  if (!tx.changes.some((c) => c.kind === 'queue')) tx.changes.push({ kind: 'queue' })
}
