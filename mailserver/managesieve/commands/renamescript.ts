import { refusal } from '../check.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.11 */
export const renamescript = command({
  name: 'RENAMESCRIPT',
  when: 'signed-in',
  run(session, args) {
    const from = args.text('a name')
    const to = args.text('a new name')
    args.end()
    const refused = session.given.accounts.scripts.rename(session.owner.id, from, to)
    if (refused) return refusal(refused)
    session.note('script renamed', { script: from, to })
    return ok()
  },
})
