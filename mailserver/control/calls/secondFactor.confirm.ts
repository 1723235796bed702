import { call } from '../call.ts'
import { address, object, text } from '../input.ts'

export default call<'secondFactor.confirm', { address: string; code: string }>({
  may: ['desk'],
  input: () => object({ address, code: text(40) }),
  run({ accounts, log }, { address, code }) {
    const renew = accounts.secondFactorOf(address).on
    const recoveryCodes = renew
      ? accounts.renewRecoveryCodes(address, code)
      : accounts.confirmSecondFactor(address, code)
    log.info({ person: address }, renew ? 'recovery codes renewed' : 'second factor on')
    return { recoveryCodes }
  },
})
