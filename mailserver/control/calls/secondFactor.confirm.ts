import { call } from '../call.ts'
import { address, object, text } from '../input.ts'
import { type Proof, proof, prove } from '../proof.ts'

export default call<'secondFactor.confirm', { address: string; code: string; proof?: Proof }>({
  may: ['desk'],
  input: () => object({ address, code: text(40), proof }),
  async run(context, { address, code, proof: shown }) {
    const { accounts, log } = context
    if (accounts.secondFactorOf(address).on) {
      const recoveryCodes = accounts.renewRecoveryCodes(address, code)
      log.info({ person: address }, 'recovery codes renewed')
      return { recoveryCodes }
    }
    await prove(context, address, shown)
    const recoveryCodes = accounts.confirmSecondFactor(address, code)
    log.info({ person: address }, 'second factor on')
    return { recoveryCodes }
  },
})
