import { limitsOf } from '#mailserver/store/limits.ts'
import { call } from '../call.ts'
import { address, object, text, yesNo } from '../input.ts'
import { accountOf, mailboxOf, refusedFolder } from '../mail/place.ts'
import { sizesOf, uidsOf } from '../mail/query.ts'

type In = { address: string; folder: string; query: string; toAddress: string; to: string; dryRun: boolean; by: string }

export default call<'mail.copy', In>({
  may: ['cli'],
  input: () =>
    object({
      address,
      folder: text(1000),
      query: text(8_000),
      toAddress: address,
      to: text(1000),
      dryRun: yesNo,
      by: address,
    }),
  async run(context, { address, folder, query, toAddress, to, dryRun, by }) {
    const account = accountOf(context, address)
    const from = mailboxOf(context, account, folder)
    const receiver = accountOf(context, toAddress)
    const target = mailboxOf(context, receiver, to)
    if (target.type !== 'normal') throw refusedFolder('append-only', target.path)
    const uids = await uidsOf(context, from, query)
    const octets = await sizesOf(context, from, uids)
    if (dryRun || uids.length === 0) return { messages: uids.length, octets }
    const where = receiver.id === account.id ? target.path : `${target.path} of ${receiver.address}`
    const detail = `${uids.length} messages (${octets} octets) to be copied from ${from.path} to ${where} by ${query}`
    for (const each of new Set([account.address, receiver.address]))
      context.accounts.note({ by, what: 'mail.copy', account: each, detail })
    const done = await context.store.write('copy', {
      from: from.id,
      uids,
      to: target.id,
      move: false,
      at: context.now(),
      ...limitsOf(receiver),
    })
    if ('refused' in done) throw refusedFolder(done.refused, target.path)
    context.log.info(
      { account: account.address, by, folder: from.path, to: target.path, of: receiver.address, query },
      'mail copied',
    )
    return { messages: done.pairs.length, octets }
  },
})
