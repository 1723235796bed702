/** STLS (RFC 2595 §4). What the client sent in the clear after it is thrown away, never run. */
import { nothing } from '../parse/command.ts'
import { err, ok } from '../reply.ts'
import { command } from './command.ts'

export const stls = command({
  name: 'STLS',
  when: 'authorization',
  read: nothing,
  run(session) {
    if (session.encrypted || !session.startTls) return err('TLS is not available here')
    if (session.utf8) return err('STLS comes before UTF8') // RFC 6856 §2.1
    session.upgrade = session.startTls
    session.user = undefined // what was said in the clear does not count
    return ok('Begin TLS negotiation')
  },
})
