import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { object, text } from '../input.ts'
import { present } from '../present.ts'

export default call<'directory.agency', { id: string }>({
  may: ['workers', 'desk', 'portal', 'cli'],
  input: () => object({ id: text(100) }),
  run(context, { id }) {
    const { accounts, now } = context
    const agency = accounts.agency(id)
    if (!agency) throw new Refusal(404, 'Không có cơ quan này.', `no agency ${id}`)
    const its = accounts.ofAgency(id)
    const given = its
      .filter((a) => a.kind === 'office' || a.kind === 'register')
      .flatMap((a) => accounts.allGrants({ office: a.address }))
      .filter((g) => g.to === undefined || Date.parse(g.to) > now())
    return { agency, accounts: its.map((a) => present(context, a)), grants: accounts.heldBy(given) }
  },
})
