import { Refusal } from '#kit/refusal.ts'
import { maxMailboxes } from '#mailserver/imap/limits.ts'
import { specialUses } from '#mailserver/store/port.ts'
import { call } from '../call.ts'
import { address, maybe, object, oneOf, text } from '../input.ts'
import { accountOf, named, refusedFolder, shownMailbox } from '../mail/place.ts'

type In = { address: string; path: string; specialUse?: (typeof specialUses)[number]; by: string }

export default call<'mailbox.create', In>({
  may: ['cli'],
  input: () => object({ address, path: text(1000), specialUse: maybe(oneOf(...specialUses)), by: address }),
  async run(context, { address, path, specialUse, by }) {
    const { accounts, store } = context
    const account = accountOf(context, address)
    const all = store.read.mailboxes(account.id)
    if (all.length >= maxMailboxes)
      throw new Refusal(409, `Một hộp thư có nhiều nhất ${maxMailboxes} thư mục.`, 'too many mailboxes')
    if (specialUse && all.some((m) => m.specialUse === specialUse))
      throw new Refusal(409, `Đã có thư mục dùng làm ${specialUse}.`, 'the special use is taken')
    const made = await named(
      store.write('createMailbox', { account: account.id, path, ...(specialUse && { specialUse }) }),
    )
    if ('refused' in made) throw refusedFolder(made.refused, path)
    accounts.note({ by, what: 'mailbox.create', account: account.address, detail: made.mailbox.path })
    return { mailbox: shownMailbox(made.mailbox) }
  },
})
