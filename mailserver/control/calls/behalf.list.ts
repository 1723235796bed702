import { holdsAt } from '#mailserver/accounts/inforce.ts'
import { call } from '../call.ts'
import { address, maybe, object, yesNo } from '../input.ts'

export default call<'behalf.list', { owner?: string; person?: string; all?: boolean }>({
  may: ['cli', 'desk'],
  input: () => object({ owner: maybe(address), person: maybe(address), all: maybe(yesNo) }),
  run({ accounts, now }, { owner, person, all = false }) {
    if (person !== undefined)
      return { behalf: accounts.behalf({ person }).filter((b) => owner === undefined || b.owner === owner) }
    const given = owner === undefined ? [] : accounts.behalf({ owner })
    return { behalf: all ? given : given.filter((b) => holdsAt(b, now())) }
  },
})
