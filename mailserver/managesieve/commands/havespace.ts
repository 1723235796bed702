import { MAX_SCRIPT_OCTETS } from '#mailserver/sieve/limits.ts'
import { refusal } from '../check.ts'
import { no, ok, sentences } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.5 */
export const havespace = command({
  name: 'HAVESPACE',
  when: 'signed-in',
  run(session, args) {
    const name = args.text('a name')
    const octets = args.number('a size')
    args.end()
    if (octets > MAX_SCRIPT_OCTETS) return no(sentences.tooLarge, 'QUOTA/MAXSIZE')
    const refused = session.given.accounts.scripts.room(session.owner.id, name, octets)
    return refused ? refusal(refused) : ok()
  },
})
