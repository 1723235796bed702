import { call } from '../call.ts'
import { address, maybe, object, yesNo } from '../input.ts'
import { type Asked, asWritten, deletedOf, which } from '../mail/deleted.ts'
import { sizesOf } from '../mail/query.ts'

/** Messages of one job: dropping their texts and octets takes the writer some time. */
const together = 200

type In = Asked & { dryRun?: boolean }

export default call<'deleted.purge', In>({
  may: ['desk', 'cli'],
  input: () => object({ address, which, dryRun: maybe(yesNo), by: address }),
  async run(context, asked, caller) {
    const { by, dryRun = false } = asked
    const { account, mailbox, uids, own } = await deletedOf(context, asked, caller)
    if (!mailbox || dryRun || uids.length === 0)
      return { messages: uids.length, octets: mailbox ? await sizesOf(context, mailbox, uids) : 0 }
    if (!own) {
      const detail = `${uids.length} deleted messages to be purged by ${asWritten(asked.which)}`
      context.accounts.note({ by, what: 'deleted.purge', account: account.address, detail })
    }
    const gone = { messages: 0, octets: 0 }
    for (let at = 0; at < uids.length; at += together) {
      const some = uids.slice(at, at + together)
      const done = await context.store.write('purgeDeleted', { account: account.id, uids: some, most: together })
      gone.messages += done.messages
      gone.octets += done.octets
    }
    context.log.info({ account: account.address, by, ...gone }, 'deleted mail purged')
    return gone
  },
})
