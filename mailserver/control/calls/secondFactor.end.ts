import { call } from '../call.ts'
import { address, maybe, object, text } from '../input.ts'

export default call<'secondFactor.end', { address: string; code?: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address, code: maybe(text(40)) }),
  run({ accounts, log }, { address, code }) {
    accounts.endSecondFactor(address, code)
    log.warn({ person: address, byAdministrator: code === undefined }, 'second factor off')
    return {}
  },
})
