import { refusal } from '../check.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.10 */
export const deletescript = command({
  name: 'DELETESCRIPT',
  when: 'signed-in',
  run(session, args) {
    const name = args.text('a name')
    args.end()
    const refused = session.given.accounts.scripts.remove(session.owner.id, name)
    if (refused) return refusal(refused)
    session.note('script removed', { script: name })
    return ok()
  },
})
