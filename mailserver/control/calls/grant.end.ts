import { call } from '../call.ts'
import { address, instant, maybe, object, text } from '../input.ts'

export default call<'grant.end', { grant: string; at: string; by?: string }>({
  may: ['cli', 'desk'],
  input: () => object({ grant: text(100), at: instant, by: maybe(address) }),
  run({ accounts, log }, { grant: id, at, by }) {
    const grant = accounts.endGrant(id, at, by)
    log.info({ grant, by }, 'grant ended')
    return { grant }
  },
})
