import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, object } from '../input.ts'

export default call<'account.signOut', { address: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address }),
  run({ accounts, log }, { address }) {
    const account = accounts.byAddress(address)
    if (!account) throw new Refusal(404, `Không có tài khoản ${address}.`, 'no such account')
    accounts.signOutEverywhere(account.id)
    log.info({ person: account.address }, 'signed out everywhere')
    return {}
  },
})
