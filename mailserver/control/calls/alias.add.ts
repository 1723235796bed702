import { call } from '../call.ts'
import { address, list, object } from '../input.ts'

export default call<'alias.add', { address: string; to: string[] }>({
  may: ['cli', 'desk'],
  input: () => object({ address, to: list(address, 2_000) }),
  run({ accounts }, { address, to }) {
    accounts.putAlias({ address, to })
    return {}
  },
})
