import { limitsOf } from '#mailserver/store/limits.ts'
import { call } from '../call.ts'
import { address, maybe, object, text, yesNo } from '../input.ts'
import { type Asked, asWritten, deletedOf, which } from '../mail/deleted.ts'
import { mailboxOf, refusedFolder } from '../mail/place.ts'
import { sizesOf } from '../mail/query.ts'

type In = Asked & { to?: string; dryRun?: boolean }

export default call<'deleted.restore', In>({
  may: ['desk', 'cli'],
  input: () => object({ address, which, to: maybe(text(1000)), dryRun: maybe(yesNo), by: address }),
  async run(context, asked, caller) {
    const { store, accounts } = context
    const { by, to, dryRun = false } = asked
    const { account, mailbox, uids, own } = await deletedOf(context, asked, caller)
    const target = to === undefined ? undefined : mailboxOf(context, account, to)
    const octets = mailbox ? await sizesOf(context, mailbox, uids) : 0
    if (dryRun || uids.length === 0) return { messages: uids.length, octets, folders: [] }
    if (!own) {
      const where = target ? target.path : 'where they lay'
      const detail = `${uids.length} deleted messages (${octets} octets) to be restored to ${where} by ${asWritten(asked.which)}`
      accounts.note({ by, what: 'deleted.restore', account: account.address, detail })
    }
    const done = await store.write('restoreDeleted', {
      account: account.id,
      uids,
      at: context.now(),
      ...(target && { to: target.id }),
      ...(caller !== 'cli' && limitsOf(account)),
    })
    if ('refused' in done) throw refusedFolder(done.refused, target?.path ?? account.address)
    context.log.info({ account: account.address, by, messages: done.messages }, 'deleted mail restored')
    const folders = done.mailboxes.flatMap((id) => store.read.mailboxById(id)?.path ?? [])
    return { messages: done.messages, octets, folders }
  },
})
