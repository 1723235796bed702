/** AUTH (RFC 5034) with every mechanism of accounts/sasl. */
import { converse } from '#mailserver/accounts/sasl/converse.ts'
import { mechanismOf, offered } from '#mailserver/accounts/sasl/table.ts'
import { ClientGone } from '#mailserver/sessions/output.ts'
import { maxSaslLine } from '../limits.ts'
import { err, Refused, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
import { admit, asked, refuse } from '../signin.ts'
import { command } from './command.ts'

function read(args: string): { mechanism: string; initial?: string } | undefined {
  if (args.trim() === '') return undefined
  const match = /^([A-Za-z0-9_-]{1,20})(?: (\S+))? *$/.exec(args)
  if (!match) throw new Refused('AUTH wants a mechanism, and perhaps a first response')
  const [, mechanism = '', initial] = match
  return { mechanism, ...(initial === undefined ? {} : { initial }) }
}

/** Asks, and reads one answer line. */
async function ask(session: Session, challenge: string): Promise<string> {
  session.out.line(`+ ${challenge}`)
  session.out.flush()
  const line = await session.input.line(maxSaslLine)
  if (line === undefined) throw new ClientGone()
  if (line === 'too-long') {
    session.ending = true
    throw new Refused('the response is too long')
  }
  return line.toString('latin1')
}

export const auth = command({
  name: 'AUTH',
  when: 'authorization',
  read,
  async run(session, given) {
    if (!session.secure) return err(sentences.needsTls)
    if (!given) {
      // Older programs ask so which there are (RFC 1734 did not say, many servers answer it).
      for (const line of ['+OK', ...offered(undefined, session.given.accounts).map(({ name }) => name), '.'])
        session.out.line(line)
      return undefined
    }
    const mechanism = mechanismOf(given.mechanism, undefined, session.given.accounts)
    if (!mechanism) return err('there is no such mechanism')
    const outcome = await converse(mechanism, asked(session), {
      initial: given.initial,
      ask: (challenge) => ask(session, challenge),
    })
    if (outcome.kind === 'signed-in') return admit(session, outcome.signedIn)
    if (outcome.kind === 'refused') return refuse(session, outcome.refusal)
    return err(outcome.kind === 'cancelled' ? 'AUTH cancelled' : outcome.why)
  },
})
