import { call } from '../call.ts'
import { address, object } from '../input.ts'
import { presentAppPassword } from '../present.ts'

export default call<'appPassword.list', { address: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address }),
  run: ({ accounts }, { address }) => ({ appPasswords: accounts.appPasswordsOf(address).map(presentAppPassword) }),
})
