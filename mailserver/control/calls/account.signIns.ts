import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, object } from '../input.ts'

export default call<'account.signIns', { address: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address }),
  run({ accounts }, { address }) {
    const account = accounts.byAddress(address)
    if (!account) throw new Refusal(404, `Không có tài khoản ${address}.`, 'no such account')
    const signIns = accounts.lastSignIns(account.id)
    return { signIns: signIns.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest })) }
  },
})
