/** DELE and RSET (RFC 1939 §5): marks of this session, which QUIT carries out. */
import { nothing, number } from '../parse/command.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

export const dele = command({
  name: 'DELE',
  when: 'transaction',
  read: number,
  run({ maildrop }, n) {
    maildrop.delete(n)
    return ok(`message ${n} goes at QUIT`)
  },
})

export const rset = command({
  name: 'RSET',
  when: 'transaction',
  read: nothing,
  run({ maildrop }) {
    maildrop.reset()
    return ok(`${maildrop.left.messages} messages (${maildrop.left.octets} octets)`)
  },
})
