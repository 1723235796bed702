import { call } from '../call.ts'
import { address, object, text } from '../input.ts'

export default call<'appPassword.revoke', { address: string; id: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address, id: text(40) }),
  run({ accounts, log }, { address, id }) {
    accounts.revokeAppPassword(address, id)
    log.info({ person: address, appPassword: id }, 'app password revoked')
    return {}
  },
})
