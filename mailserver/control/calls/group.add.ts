import { call } from '../call.ts'
import { address, list, maybe, object, text, yesNo } from '../input.ts'

type In = { address: string; name: string; members: string[]; outside?: boolean; owner?: string }

export default call<'group.add', In>({
  may: ['cli', 'desk'],
  input: () =>
    object({ address, name: text(400), members: list(address, 2_000), outside: maybe(yesNo), owner: maybe(address) }),
  async run({ accounts, store }, { address, name, members, outside = false, owner }) {
    const group = { name, outside, ...(owner !== undefined && { owner }) }
    const sender = accounts.putAlias({ address, to: members, group })
    if (sender) await store.write('openAccount', { account: sender.id, kind: sender.kind })
    return {}
  },
})
