import { call } from '../call.ts'
import { object } from '../input.ts'

export default call<'tls.status', Record<string, never>>({
  may: ['cli', 'desk'],
  input: () => object({}),
  run: ({ certificates }) => ({ certificates: certificates().status() }),
})
