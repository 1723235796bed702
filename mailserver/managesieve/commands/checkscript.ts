import { readScript } from '../check.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.12 */
export const checkscript = command({
  name: 'CHECKSCRIPT',
  when: 'signed-in',
  run(_, args) {
    const given = args.octets('a script')
    args.end()
    const script = readScript(given)
    return 'kind' in script ? script : ok()
  },
})
