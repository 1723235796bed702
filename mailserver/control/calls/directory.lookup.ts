import { call } from '../call.ts'
import { address, object } from '../input.ts'
import { present } from '../present.ts'

export default call<'directory.lookup', { address: string }>({
  may: ['workers', 'desk', 'portal', 'cli'],
  input: () => object({ address }),
  run(context, { address }) {
    const account = context.accounts.byAddress(address)
    if (account) return { account: present(context, account) }
    const alias = context.accounts.alias(address)
    return alias ? { alias } : {}
  },
})
