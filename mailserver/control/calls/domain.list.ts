import { call } from '../call.ts'
import { object } from '../input.ts'

export default call<'domain.list', object>({
  may: ['cli', 'desk', 'edge', 'workers'],
  input: () => object({}),
  run: ({ accounts }) => ({ domains: accounts.domains() }),
})
