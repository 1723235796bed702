import { checkScript } from '#mailserver/sieve/check/check.ts'
import { tellFault } from '#mailserver/sieve/parse/fault.ts'
import { refusal } from '../check.ts'
import { no, ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.8: "" for none. A script that an earlier program took and this one does not is not made active. */
export const setactive = command({
  name: 'SETACTIVE',
  when: 'signed-in',
  run(session, args) {
    const name = args.text('a name')
    args.end()
    const { scripts } = session.given.accounts
    const text = name === '' ? '' : scripts.get(session.owner.id, name)
    if (text === undefined) return refusal('missing')
    const checked = checkScript(text)
    if ('faults' in checked) return no(checked.faults.map(tellFault).join('\r\n'))
    const refused = scripts.activate(session.owner.id, name)
    if (refused) return refusal(refused)
    session.note('script made active', { script: name })
    return ok()
  },
})
