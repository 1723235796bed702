import { readScript, refusal } from '../check.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.6: kept only when it is sound; an active one stays active. */
export const putscript = command({
  name: 'PUTSCRIPT',
  when: 'signed-in',
  run(session, args) {
    const name = args.text('a name')
    const given = args.octets('a script')
    args.end()
    const script = readScript(given)
    if ('kind' in script) return script
    const refused = session.given.accounts.scripts.put(
      session.owner.id,
      name,
      script.text,
      session.signedIn!.account.address,
    )
    if (refused) return refusal(refused)
    session.note('script kept', { script: name })
    return ok()
  },
})
