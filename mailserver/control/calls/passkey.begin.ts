import { call } from '../call.ts'
import { address, object } from '../input.ts'
import { ask, siteOf } from '../passkey.ts'
import { type Proof, proof, prove } from '../proof.ts'

export default call<'passkey.begin', { address: string; proof?: Proof }>({
  may: ['desk'],
  input: () => object({ address, proof }),
  async run(context, { address, proof: shown }) {
    const site = siteOf(context)
    await prove(context, address, shown)
    return ask(site, context.accounts.newPasskeyOptions(site, address))
  },
})
