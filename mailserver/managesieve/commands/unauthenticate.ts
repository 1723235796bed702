import { ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.14 */
export const unauthenticate = command({
  name: 'UNAUTHENTICATE',
  when: 'signed-in',
  run(session, args) {
    args.end()
    session.signedIn = undefined
    session.acting = undefined
    session.strangerSince = performance.now()
    return ok()
  },
})
