import { Refusal } from '#kit/refusal.ts'
import { fold } from '#mailserver/accounts/address.ts'
import { call } from '../call.ts'
import { address, instant, maybe, object, yesNo } from '../input.ts'

export default call<'directory.grants', { person?: string; office?: string; at?: string; all?: boolean }>({
  may: ['workers', 'desk', 'cli'],
  input: () => object({ person: maybe(address), office: maybe(address), at: maybe(instant), all: maybe(yesNo) }),
  run({ accounts, now }, { person, office, at, all }) {
    const when = at === undefined ? now() : Date.parse(at)
    if (Number.isNaN(when)) throw new Refusal(400, 'Yêu cầu không đúng mẫu.', 'at must be an instant')
    const every = accounts.allGrants({ ...(person && { person }), ...(office && { office }) })
    if (all) return { grants: every }
    const held = person === undefined ? accounts.heldBy(every) : every.map((g) => ({ ...g, person: fold(person) }))
    const inForce = new Set(
      [...new Set(held.map((g) => g.person))].flatMap((p) => accounts.grants(p, when)).map((g) => g.grant + g.person),
    )
    return { grants: held.filter((g) => inForce.has(g.grant + g.person)) }
  },
})
