import { call } from '../call.ts'
import { address, object } from '../input.ts'

export default call<'secondFactor.state', { address: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address }),
  run({ accounts }, { address }) {
    const { since, ...state } = accounts.secondFactorOf(address)
    return { ...state, ...(since !== undefined && { since: new Date(since).toISOString() }) }
  },
})
