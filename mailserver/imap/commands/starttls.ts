/** STARTTLS (RFC 9051 §6.2.1). What the client sent in the clear after it is thrown away, never run. */
import { bad, ok } from '../reply.ts'
import { command, nothing } from './command.ts'

export const starttls = command({
  name: 'STARTTLS',
  when: 'before-login',
  read: nothing,
  run(session) {
    if (session.encrypted || !session.startTls) return bad('TLS is not available here')
    session.upgrade = session.startTls
    return ok('Begin TLS negotiation now')
  },
})
