import { call } from '../call.ts'
import { address, list, maybe, object, text, yesNo } from '../input.ts'

export default call<'group.add', { address: string; name: string; members: string[]; outside?: boolean }>({
  may: ['cli', 'desk'],
  input: () => object({ address, name: text(400), members: list(address, 2_000), outside: maybe(yesNo) }),
  run({ accounts }, { address, name, members, outside = false }) {
    accounts.putAlias({ address, to: members, group: { name, outside } })
    return {}
  },
})
