import { call } from '../call.ts'
import { maybe, object, text } from '../input.ts'

export default call<'directory.agencies', { at?: string }>({
  may: ['workers', 'desk', 'portal', 'cli'],
  input: () => object({ at: maybe(text(10)) }),
  run: ({ accounts }, { at }) => ({ agencies: accounts.agencies(at) }),
})
