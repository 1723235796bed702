/** NOOP (RFC 1939 §5). */
import { nothing } from '../parse/command.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

export const noop = command({ name: 'NOOP', when: 'transaction', read: nothing, run: () => ok() })
