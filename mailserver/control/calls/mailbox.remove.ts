import { call } from '../call.ts'
import { address, object, text } from '../input.ts'
import { accountOf, mailboxOf, refusedFolder } from '../mail/place.ts'

export default call<'mailbox.remove', { address: string; path: string; by: string }>({
  may: ['cli'],
  input: () => object({ address, path: text(1000), by: address }),
  async run(context, { address, path: asked, by }) {
    const account = accountOf(context, address)
    const { path, messages, size } = mailboxOf(context, account, asked)
    const done = await context.store.write('deleteMailbox', {
      account: account.id,
      path,
      keep: { by, at: context.now() },
    })
    if ('refused' in done) throw refusedFolder(done.refused, path)
    const detail = `${path} with ${messages} messages (${size} octets)`
    context.accounts.note({ by, what: 'mailbox.remove', account: account.address, detail })
    return { messages }
  },
})
