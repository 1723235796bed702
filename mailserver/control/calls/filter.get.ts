import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, object, text } from '../input.ts'

export default call<'filter.get', { owner: string; name: string }>({
  may: ['desk'],
  input: () => object({ owner: address, name: text(512) }),
  run({ accounts }, { owner, name }) {
    const account = accounts.byAddress(owner)
    if (account?.kind !== 'person') throw new Refusal(404, `Không có hộp thư ${owner}.`, `${owner} is no person`)
    const active = accounts.scripts.active(account.id)
    const own = accounts.scripts.get(account.id, name)
    return { ...(active && { active }), ...(own !== undefined && { own }) }
  },
})
