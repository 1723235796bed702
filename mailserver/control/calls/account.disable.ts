import { call } from '../call.ts'
import { address, object, yesNo } from '../input.ts'
import { present } from '../present.ts'

export default call<'account.disable', { address: string; disabled: boolean }>({
  may: ['cli', 'desk'],
  input: () => object({ address, disabled: yesNo }),
  run(context, { address, disabled }) {
    const { id } = context.accounts.disable(address, disabled)
    return { account: present(context, context.accounts.byId(id)!) }
  },
})
