import { call } from '../call.ts'
import { instant, object, text } from '../input.ts'

export default call<'grant.end', { grant: string; at: string }>({
  may: ['cli', 'desk'],
  input: () => object({ grant: text(100), at: instant }),
  run({ accounts, log }, { grant: id, at }) {
    const grant = accounts.endGrant(id, at)
    log.info({ grant }, 'grant ended')
    return { grant }
  },
})
