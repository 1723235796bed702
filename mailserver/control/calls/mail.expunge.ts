import { call } from '../call.ts'
import { address, object, text, yesNo } from '../input.ts'
import { accountOf, mailboxOf, refusedFolder } from '../mail/place.ts'
import { sizesOf, uidsOf } from '../mail/query.ts'

type In = { address: string; folder: string; query: string; dryRun: boolean; by: string }

export default call<'mail.expunge', In>({
  may: ['cli'],
  input: () => object({ address, folder: text(1000), query: text(8_000), dryRun: yesNo, by: address }),
  async run(context, { address, folder, query, dryRun, by }) {
    const account = accountOf(context, address)
    const mailbox = mailboxOf(context, account, folder)
    if (mailbox.type === 'ledger' || mailbox.type === 'handled' || mailbox.type === 'dead')
      throw refusedFolder('append-only', mailbox.path)
    const uids = await uidsOf(context, mailbox, query)
    const octets = await sizesOf(context, mailbox, uids)
    if (dryRun) return { messages: uids.length, octets }
    // before it is done: what is gone cannot be looked up any more
    const detail = `${uids.length} messages (${octets} octets) to be removed from ${mailbox.path} by ${query}`
    context.accounts.note({ by, what: 'mail.expunge', account: account.address, detail })
    const done = await context.store.write('expunge', {
      mailbox: mailbox.id,
      uids,
      force: true,
      keep: { by, at: context.now() },
    })
    if ('refused' in done) throw refusedFolder(done.refused, mailbox.path)
    context.log.info(
      { account: account.address, by, folder: mailbox.path, query, messages: done.uids.length },
      'mail removed',
    )
    return { messages: done.uids.length, octets }
  },
})
