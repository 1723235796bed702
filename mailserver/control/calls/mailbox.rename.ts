import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, object, text } from '../input.ts'
import { accountOf, mailboxOf, named, refusedFolder } from '../mail/place.ts'

export default call<'mailbox.rename', { address: string; from: string; to: string; by: string }>({
  may: ['cli'],
  input: () => object({ address, from: text(1000), to: text(1000), by: address }),
  async run(context, { address, from, to, by }) {
    const account = accountOf(context, address)
    const { path, type } = mailboxOf(context, account, from)
    if (type !== 'normal') throw refusedFolder('append-only', path)
    if (to.startsWith(`${path}/`) && path !== 'INBOX')
      throw new Refusal(422, 'Thư mục không thể nằm trong chính nó.', 'a mailbox cannot go below itself')
    const done = await named(context.store.write('renameMailbox', { account: account.id, from: path, to }))
    if ('refused' in done) throw refusedFolder(done.refused, done.refused === 'exists' ? to : path)
    context.accounts.note({ by, what: 'mailbox.rename', account: account.address, detail: `${path} to ${to}` })
    return {}
  },
})
