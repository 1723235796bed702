import { call } from '../call.ts'
import { address, object } from '../input.ts'
import { type Proof, proof, prove } from '../proof.ts'

export default call<'secondFactor.byKey', { address: string; proof?: Proof }>({
  may: ['desk'],
  input: () => object({ address, proof }),
  async run(context, { address, proof: shown }) {
    await prove(context, address, shown)
    const recoveryCodes = context.accounts.secondFactorByKey(address)
    context.log.info({ person: address }, 'second factor on, by passkeys')
    return { recoveryCodes }
  },
})
