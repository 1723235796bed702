import { ok, writeString } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.7 */
export const listscripts = command({
  name: 'LISTSCRIPTS',
  when: 'signed-in',
  run(session, args) {
    args.end()
    for (const { name, active } of session.given.accounts.scripts.list(session.owner.id))
      session.out.line(`${writeString(name)}${active ? ' ACTIVE' : ''}`)
    return ok()
  },
})
