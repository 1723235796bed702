import { no, ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.2. What the client sent in the clear after it is thrown away, never run. */
export const starttls = command({
  name: 'STARTTLS',
  when: 'signed-out',
  run(session, args) {
    args.end()
    if (session.encrypted || !session.startTls) return no('TLS is not available here')
    session.upgrade = session.startTls
    return ok('Begin TLS negotiation')
  },
})
