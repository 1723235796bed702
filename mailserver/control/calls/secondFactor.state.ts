import { call } from '../call.ts'
import { address, object } from '../input.ts'
import { keyAsk } from '../passkey.ts'

export default call<'secondFactor.state', { address: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address }),
  run(context, { address }) {
    const { since, ...state } = context.accounts.secondFactorOf(address)
    return {
      ...state,
      ...(since !== undefined && { since: new Date(since).toISOString() }),
      ...keyAsk(context, context.accounts.byAddress(address)!.id),
    }
  },
})
