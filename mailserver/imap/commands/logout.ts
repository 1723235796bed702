/** LOGOUT (RFC 9051 §6.1.3). */
import { ok } from '../reply.ts'
import { command, nothing } from './command.ts'

export const logout = command({
  name: 'LOGOUT',
  when: 'always',
  read: nothing,
  run(session) {
    session.unselect()
    session.ending = true
    session.out.line('* BYE Logging out')
    return ok('LOGOUT completed')
  },
})
