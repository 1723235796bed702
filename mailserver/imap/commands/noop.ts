/** NOOP and CHECK (RFC 9051 §6.1.2, RFC 3501 §6.4.1): a moment to hear of changes. All is durable already. */
import { ok } from '../reply.ts'
import { command, nothing } from './command.ts'

const moment = (name: string, when: 'always' | 'selected') =>
  command({
    name,
    when,
    read: nothing,
    run(session) {
      session.view?.stir()
      return ok(`${name} completed`)
    },
  })

export const noop = moment('NOOP', 'always')
export const check = moment('CHECK', 'selected')
