import { call } from '../call.ts'
import { filteredBox } from '../filtered.ts'
import { address, object, text } from '../input.ts'

export default call<'filter.get', { owner: string; name: string }>({
  may: ['desk'],
  input: () => object({ owner: address, name: text(512) }),
  run({ accounts }, { owner, name }) {
    const account = filteredBox(accounts, owner)
    const found = accounts.scripts.active(account.id)
    const active = found && {
      name: found.name,
      text: found.text,
      at: new Date(found.changed).toISOString(),
      ...(found.by !== undefined && { by: found.by }),
    }
    const own = accounts.scripts.get(account.id, name)
    return { ...(active && { active }), ...(own !== undefined && { own }) }
  },
})
