import { call } from '../call.ts'
import { address, object } from '../input.ts'

export default call<'alias.remove', { address: string; by: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address, by: address }),
  run({ accounts }, { address, by }) {
    accounts.removeAlias(address)
    accounts.note({ by, what: 'alias.remove', account: address, detail: `${address} removed` })
    return {}
  },
})
