/** UTF8 (RFC 6856 §2). Messages go out as they are kept in either mode (docs/decisions/pop3.md), so there is nothing to switch. */
import { nothing } from '../parse/command.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

export const utf8 = command({ name: 'UTF8', when: 'authorization', read: nothing, run: () => ok('UTF-8 it is') })
