import { call } from '../call.ts'
import { object } from '../input.ts'

export default call<'store.verify', object>({
  may: ['cli'],
  input: () => object({}),
  run: async ({ store }) => ({ findings: await store.audit() }),
})
