import { call } from '../call.ts'
import { address, instant, object, text } from '../input.ts'

export default call<'behalf.end', { behalf: string; at: string; by: string }>({
  may: ['cli', 'desk'],
  input: () => object({ behalf: text(100), at: instant, by: address }),
  run({ accounts, log }, { behalf: id, at, by }) {
    const behalf = accounts.endBehalf(id, at, by)
    log.info({ behalf, by }, 'sending on behalf ended')
    return { behalf }
  },
})
