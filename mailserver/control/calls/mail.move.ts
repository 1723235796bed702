import { call } from '../call.ts'
import { address, object, text, yesNo } from '../input.ts'
import { accountOf, mailboxOf, refusedFolder } from '../mail/place.ts'
import { sizesOf, uidsOf } from '../mail/query.ts'

type In = { address: string; folder: string; query: string; to: string; dryRun: boolean; by: string }

export default call<'mail.move', In>({
  may: ['cli'],
  input: () => object({ address, folder: text(1000), query: text(8_000), to: text(1000), dryRun: yesNo, by: address }),
  async run(context, { address, folder, query, to, dryRun, by }) {
    const account = accountOf(context, address)
    const from = mailboxOf(context, account, folder)
    const target = mailboxOf(context, account, to)
    // a dead letter is replayed by moving it back; everything else of a register's stays where it is
    if (from.type !== 'normal' && !(from.type === 'dead' && target.type === 'registerInbox'))
      throw refusedFolder('append-only', from.path)
    if (target.type !== 'normal' && target.type !== 'registerInbox') throw refusedFolder('append-only', target.path)
    const uids = from.id === target.id ? [] : await uidsOf(context, from, query)
    const octets = await sizesOf(context, from, uids)
    if (dryRun || uids.length === 0) return { messages: uids.length, octets }
    // before it is done: what is gone cannot be looked up any more
    const detail = `${uids.length} messages to be moved from ${from.path} to ${target.path} by ${query}`
    context.accounts.note({ by, what: 'mail.move', account: account.address, detail })
    const done = await context.store.write('copy', {
      from: from.id,
      uids,
      to: target.id,
      move: true,
      at: context.now(),
    })
    if ('refused' in done) throw refusedFolder(done.refused, target.path)
    context.log.info({ account: account.address, by, folder: from.path, to: target.path, query }, 'mail moved')
    return { messages: done.pairs.length, octets }
  },
})
