import { call } from '../call.ts'
import { object, text } from '../input.ts'

export default call<'domain.add', { domain: string }>({
  may: ['cli', 'desk'],
  input: () => object({ domain: text(255) }),
  run({ accounts }, { domain }) {
    accounts.addDomain(domain)
    return {}
  },
})
