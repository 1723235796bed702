import { ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.3 */
export const logout = command({
  name: 'LOGOUT',
  when: 'always',
  run(session, args) {
    args.end()
    session.ending = true
    return ok('Logout complete')
  },
})
