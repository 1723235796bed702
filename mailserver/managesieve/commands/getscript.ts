import { refusal } from '../check.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.9: always a literal, as clients expect. */
export const getscript = command({
  name: 'GETSCRIPT',
  when: 'signed-in',
  async run(session, args) {
    const name = args.text('a name')
    args.end()
    const text = session.given.accounts.scripts.get(session.owner.id, name)
    if (text === undefined) return refusal('missing')
    const octets = Buffer.from(text)
    session.out.text(`{${octets.length}}\r\n`)
    await session.out.octetsOf(octets)
    session.out.line('')
    return ok()
  },
})
