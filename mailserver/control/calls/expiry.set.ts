import { call } from '../call.ts'
import { address, object, type Reader, text, whole } from '../input.ts'
import { scopeOf } from '../scope.ts'

/** A hundred years; whoever wants more says 0, for ever. */
const mostDays = 36_500
const days: Reader<number | null | undefined> = (v, field) =>
  v === undefined || v === null ? v : whole(0, mostDays)(v, field)

type In = { scope: string; junk?: number | null; trash?: number | null; by: string }

export default call<'expiry.set', In>({
  may: ['cli', 'desk'],
  input: () => object({ scope: text(400), junk: days, trash: days, by: address }),
  run({ accounts, log }, { scope, by, ...change }) {
    const found = scopeOf(accounts, scope)
    accounts.setKeeping(found, change)
    const said = Object.entries(change).map(([use, n]) => `${use} ${n ?? 'as the wider scope'}`)
    accounts.note({
      by,
      what: 'expiry.set',
      ...(found.includes('@') && { account: found }),
      detail: `days kept, of ${found || 'all'}: ${said.join(', ') || 'nothing changed'}`,
    })
    log.info({ scope: found, by, ...change }, 'days kept in Junk and Trash set')
    return { ...accounts.keeping(found), set: accounts.keepingOf(found) }
  },
})
