/** UTF8 (RFC 6856 §2): messages go out as they are kept from now on. Without it those with UTF-8 in header fields are rewritten (write/surrogate.ts). */
import { nothing } from '../parse/command.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

export const utf8 = command({
  name: 'UTF8',
  when: 'authorization',
  read: nothing,
  run(session) {
    session.utf8 = true
    return ok('UTF-8 it is')
  },
})
