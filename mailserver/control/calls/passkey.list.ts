import { call } from '../call.ts'
import { address, object } from '../input.ts'
import { presentPasskey } from '../passkey.ts'

export default call<'passkey.list', { address: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address }),
  run({ accounts, passkeySite }, { address }) {
    const origin = passkeySite()?.origin
    return { passkeys: accounts.passkeysOf(address).map(presentPasskey), ...(origin !== undefined && { origin }) }
  },
})
