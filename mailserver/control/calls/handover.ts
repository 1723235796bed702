import { Refusal } from '#kit/refusal.ts'
import { isDiskFull } from '#kit/store/diskfull.ts'
import type { Delivery, MailingList, StoredAccount } from '#mailserver/accounts/port.ts'
import { count, counters, histograms, took } from '#mailserver/metrics/counters.ts'
import { foundByEdge } from '#mailserver/seal/arc.ts'
import { limitsOf } from '#mailserver/store/limits.ts'
import { call } from '../call.ts'
import { address, list, object, octets, text, yesNo } from '../input.ts'
import { deliveryPrefix } from '../message.ts'
import { type Reply, refusedByOwner, refusedReply, replies } from '../replies.ts'

/** The edge takes fewer for each transaction; RFC 5321 §4.5.3.1.8 asks for at least 100. */
const recipientLimit = 1_000

type Reached = Extract<Delivery, { verdict: 'ok' }>
type In = { from: string; to: string[]; raw: Buffer; spam: boolean; id: string; helo: string; ip: string }

/**
 * Mail from the world: each account that the recipients reach gets it once, in one durable job. A recipient is accepted only
 * when every account behind it took the mail; the others are named again at the sender's retry, and the hand-over id keeps
 * that from doubling what was delivered.
 */
export default call<'handover', In>({
  may: ['edge'],
  input: ({ maxMessage }) =>
    object({
      from: address,
      to: list(address, recipientLimit),
      raw: octets(maxMessage + 64 * 1024), // the edge adds its own header fields to a message of the largest size
      spam: yesNo,
      id: text(200),
      helo: text(300),
      ip: text(64),
    }),
  async run({ accounts, store, filters, log, now }, { from, to, raw, spam, id, ip }) {
    if (id === '') throw new Refusal(400, 'Yêu cầu không đúng mẫu.', 'id must not be empty')
    const begun = performance.now()
    const reached = new Map<number, { account: StoredAccount; to: string; list?: MailingList }>()
    const routes = to.map((recipient): { to: string; ids: number[] } | { to: string; reply: Reply } => {
      const found = routeOf(recipient)
      if ('reply' in found) return { to: recipient, ...found }
      for (const account of found.accounts)
        if (!reached.has(account.id)) reached.set(account.id, { account, to: recipient })
      for (const list of found.lists)
        if (!reached.has(list.account.id)) reached.set(list.account.id, { account: list.account, to: recipient, list })
      return { to: recipient, ids: [...found.accounts, ...found.lists.map((list) => list.account)].map((a) => a.id) }
    })
    const targets = [...reached.values()]
    const at = now()
    const filing = filters.file(
      { raw, from, at, found: foundByEdge(raw), handover: id },
      targets.map(({ account, to, list }) => ({
        account,
        to,
        ...(list && { list }),
        // SMTP has one answer for the whole transaction: refused for one of several, the others' mail would be sent again for days
        mayRefuse: targets.length === 1 && routes.every((r) => 'ids' in r && r.ids.length === 1),
        recipient: {
          account: account.id,
          // official mail is never hidden in Junk: a wrong verdict would keep a letter from its register
          mailbox: spam && account.kind !== 'register' ? 'Junk' : 'INBOX',
          prefix: deliveryPrefix({ from, to, spam }),
          ...limitsOf(account),
        },
      })),
      async (planned) => {
        const wanted = planned.filter((p) => p.refused === undefined).map((p) => p.recipient)
        const { results } =
          wanted.length === 0
            ? { results: [] }
            : await store.write('deliver', { raw, handover: id, at, recipients: wanted })
        const result = new Map(wanted.map(({ account }, i) => [account, results[i]!]))
        return new Map(
          targets.map(({ account }, i) => [
            account.id,
            { account, refused: planned[i]!.refused, ok: result.get(account.id)?.ok === true },
          ]),
        )
      },
    )
    const fate = await filing.catch((err: unknown) => {
      if (!isDiskFull(err)) throw err
      log.error({ why: (err as Error).message, handover: id, from }, 'not handed over: the disk is full')
      return undefined
    })
    const answers = routes.map((route) => {
      if ('reply' in route) return { to: route.to, ok: false, ...route.reply }
      if (!fate) return { to: route.to, ok: false, ...replies.diskFull }
      const refused = route.ids.map((one) => fate.get(one)!.refused).find((r) => r !== undefined)
      if (refused !== undefined) return { to: route.to, ok: false, ...refusedByOwner(refused) }
      const full = route.ids.map((one) => fate.get(one)!).find(({ ok }) => !ok)
      if (!full) return { to: route.to, ok: true, ...replies.accepted }
      return {
        to: route.to,
        ok: false,
        ...(raw.length > (full.account.quota ?? Infinity) ? replies.tooLarge : replies.full),
      }
    })
    log.info(
      { handover: id, from, ip, spam, octets: raw.length, results: answers.map((a) => [a.to, a.code]) },
      'handed over',
    )
    for (const { ok } of answers) count(counters.recipients.edge[ok ? 'accepted' : 'refused'])
    took(histograms.accepted.edge, begun)
    return { results: answers }

    function routeOf(recipient: string): Reached | { reply: Reply } {
      try {
        const found = accounts.deliver(recipient, 'outside')
        return found.verdict === 'ok' ? found : { reply: refusedReply(found.verdict) }
      } catch (err) {
        if (!(err instanceof Refusal)) throw err
        log.error({ err, recipient }, 'recipient cannot be resolved')
        return { reply: replies.later }
      }
    }
  },
})
