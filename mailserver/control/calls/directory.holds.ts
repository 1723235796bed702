import { type OfficeRight, officeRights } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, instant, object, oneOf } from '../input.ts'

export default call<'directory.holds', { person: string; office: string; right: OfficeRight; at: string }>({
  may: ['workers', 'desk', 'cli'],
  input: () => object({ person: address, office: address, right: oneOf(...officeRights), at: instant }),
  run({ accounts }, q) {
    const at = Date.parse(q.at)
    if (Number.isNaN(at)) throw new Refusal(400, 'Yêu cầu không đúng mẫu.', 'at must be an instant')
    const grant = accounts.holds({ ...q, at })
    return grant ? { grant } : {}
  },
})
