import { call } from '../call.ts'
import { maybe, object, text } from '../input.ts'

/** RFC 1035 §2.3.4 */
const nameLength = 253

export default call<'tls.renew', { name?: string }>({
  may: ['cli'],
  input: () => object({ name: maybe(text(nameLength)) }),
  async run({ certificates }, { name }) {
    const keeper = certificates()
    await keeper.renew(name?.toLowerCase())
    return { certificates: keeper.status() }
  },
})
