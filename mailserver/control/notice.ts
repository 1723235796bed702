import { Refusal } from '#kit/refusal.ts'
import { domainOf, fold } from '#mailserver/accounts/address.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import type { Jobs, Recipient } from '#mailserver/store/port.ts'
import type { Context } from './call.ts'
import { deliveryPrefix, hasEightBit, isAscii, messageIdOf } from './message.ts'

type StoreNotice = Jobs['ledgerCommit']['in']['notices'][number]

/**
 * A worker's notice, sealed and with its recipients found. What `ledger.commit` delivers is official: no quota. A recipient of
 * ours that no longer exists must not stop the act, nor may the notice vanish: it goes to postmaster@, marked.
 *
 * @throws Refusal 400 when From is not ours
 */
export async function route(
  context: Context,
  notice: { from: string; to: readonly string[]; raw: Uint8Array },
): Promise<StoreNotice> {
  const { accounts, seal, log } = context
  const from = fold(notice.from)
  const domain = domainOf(from)
  if (!accounts.isOurs(domain)) throw new Refusal(400, 'Yêu cầu không đúng mẫu.', `a notice cannot be from ${from}`)
  const messageId = messageIdOf(notice.raw)
  if (messageId === undefined) throw new Refusal(400, 'Yêu cầu không đúng mẫu.', 'a notice has no Message-ID')

  const local = new Map<number, Recipient>()
  const outside = new Set<string>()
  const take = (account: StoredAccount, prefix: Uint8Array) =>
    local.has(account.id) || local.set(account.id, { account: account.id, mailbox: 'INBOX', prefix })
  for (const to of notice.to.map(fold)) {
    const found = accounts.deliver(to)
    if (found.verdict === 'not-ours') outside.add(to)
    else if (found.verdict === 'ok') {
      for (const a of found.accounts) take(a, deliveryPrefix({ from, to }))
      for (const member of found.lists.flatMap((list) => list.members)) outside.add(member)
    } else {
      log.warn({ to, verdict: found.verdict, messageId }, 'a notice for nobody goes to the postmaster')
      const postmaster = accounts.deliver(`postmaster@${domain}`)
      if (postmaster.verdict !== 'ok')
        throw new Error(`a notice to ${to} (${found.verdict}), and postmaster@${domain} reaches nobody`)
      const line = Buffer.from(`X-Undelivered-To: ${to.replaceAll(/\p{Cc}/gu, '')} (${found.verdict})\r\n`)
      for (const a of postmaster.accounts) take(a, Buffer.concat([deliveryPrefix({ from, to: a.address }), line]))
    }
  }
  return {
    raw: await seal(notice.raw, domain),
    from,
    local: [...local.values()],
    outside: [...outside],
    messageId,
    smtputf8: ![from, ...outside].every(isAscii),
    eightBit: hasEightBit(notice.raw),
  }
}
