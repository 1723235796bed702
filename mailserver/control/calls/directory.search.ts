import { matches } from '#kit/vi/fold.ts'
import { call } from '../call.ts'
import { maybe, object, text, whole, yesNo } from '../input.ts'
import { present } from '../present.ts'

/** Active accounts whose name, address or title answers the query, marks or not; better matches first, then by name. */
export default call<'directory.search', { q: string; limit: number; groups?: boolean }>({
  may: ['workers', 'desk', 'cli'],
  input: () => object({ q: text(200), limit: whole(1, 200), groups: maybe(yesNo) }),
  run(context, { q, limit, groups = false }) {
    const found = context.accounts
      .everyone()
      .filter((a) => a.kind !== 'service' && context.accounts.isActive(a))
      .map((account) => ({ account, rank: matches(`${account.name} ${account.address} ${account.title ?? ''}`, q) }))
      .filter(({ rank }) => rank > 0)
      .sort((a, b) => b.rank - a.rank || a.account.name.localeCompare(b.account.name, 'vi'))
      .slice(0, limit)
    return {
      accounts: found.map(({ account }) => present(context, account)),
      groups: groups
        ? context.accounts
            .groups()
            .filter((g) => matches(`${g.name} ${g.address}`, q) > 0)
            .slice(0, limit)
        : [],
    }
  },
})
