import { call } from '../call.ts'
import { address, object, whole } from '../input.ts'
import { type Asked, asWritten, deletedOf, which } from '../mail/deleted.ts'
import { rowsOf, sizesOf } from '../mail/query.ts'
import { shown } from '../mail/shown.ts'

type In = Asked & { offset: number; limit: number }

export default call<'deleted.list', In>({
  may: ['desk', 'cli'],
  input: () => object({ address, which, offset: whole(0, 10_000_000), limit: whole(0, 1_000), by: address }),
  async run(context, asked, caller) {
    const { offset, limit, by } = asked
    const { account, mailbox, uids, own } = await deletedOf(context, asked, caller)
    if (!own) {
      const detail = `${uids.length} deleted messages found by ${asWritten(asked.which)}`
      context.accounts.note({ by, what: 'deleted.list', account: account.address, detail })
    }
    const days = context.deletedDays
    if (!mailbox) return { found: [], total: 0, octets: 0, days }
    // what was deleted last has the highest UID
    const page = uids.toReversed().slice(offset, offset + limit)
    const lay = new Map(context.store.read.deleted(mailbox.id, page).map((d) => [d.uid, d]))
    const found = rowsOf(context, mailbox, page).flatMap((row) => {
      const from = lay.get(row.uid)
      const mail = from ? shown(context, from.path, row) : []
      return mail.map((m) => ({ ...m, deletedAt: new Date(from!.at).toISOString(), deletedBy: from!.by }))
    })
    const octets = await sizesOf(context, mailbox, uids)
    return { found: found.sort((a, b) => b.uid - a.uid), total: uids.length, octets, days }
  },
})
