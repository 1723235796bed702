import { call } from '../call.ts'
import { object, text } from '../input.ts'

/** characters of a key, and of a chain: four certificates of RSA 4096 are 12 KB */
const pemLength = 64 * 1024
/** RFC 1035 §2.3.4 */
const nameLength = 253

export default call<'tls.import', { name: string; key: string; cert: string }>({
  may: ['cli'],
  input: () => object({ name: text(nameLength), key: text(pemLength), cert: text(pemLength) }),
  run({ certificates }, { name, key, cert }) {
    const keeper = certificates()
    keeper.import({ name: name.toLowerCase(), key, cert })
    return { certificates: keeper.status() }
  },
})
