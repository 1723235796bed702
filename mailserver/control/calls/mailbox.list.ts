import { call } from '../call.ts'
import { address, object } from '../input.ts'
import { accountOf, shownMailbox } from '../mail/place.ts'
import { present } from '../present.ts'

export default call<'mailbox.list', { address: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address }),
  run(context, { address }) {
    const account = accountOf(context, address)
    const mailboxes = context.store.read.mailboxes(account.id).map(shownMailbox)
    mailboxes.sort((a, b) => (a.path < b.path ? -1 : 1))
    return { account: present(context, account), mailboxes }
  },
})
