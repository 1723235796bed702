import { call } from '../call.ts'
import { address, object, text } from '../input.ts'

export default call<'passkey.remove', { address: string; id: string }>({
  may: ['cli', 'desk'],
  // CTAP allows credential ids of 1,023 octets
  input: () => object({ address, id: text(1400) }),
  run({ accounts, log }, { address, id }) {
    accounts.removePasskey(address, id)
    log.info({ person: address, passkey: id }, 'passkey removed')
    return {}
  },
})
