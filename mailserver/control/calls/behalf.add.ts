import { call } from '../call.ts'
import { address, instant, maybe, object } from '../input.ts'

export default call<'behalf.add', { owner: string; person: string; from: string; to?: string; by: string }>({
  may: ['cli', 'desk'],
  input: () => object({ owner: address, person: address, from: instant, to: maybe(instant), by: address }),
  run({ accounts, log }, input) {
    const behalf = accounts.addBehalf(input)
    log.info({ behalf }, 'sending on behalf allowed')
    return { behalf }
  },
})
