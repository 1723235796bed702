/** AUTHENTICATE (RFC 9051 §6.2.2) with every mechanism of accounts/sasl, and SASL-IR (RFC 4959). */
import { converse } from '#mailserver/accounts/sasl/converse.ts'
import { mechanismOf } from '#mailserver/accounts/sasl/table.ts'
import { ClientGone } from '#mailserver/sessions/output.ts'
import { maxLineBeforeLogin } from '../limits.ts'
import { BadSyntax, type Scanner } from '../parse/scanner.ts'
import { bad, no } from '../reply.ts'
import type { Session } from '../session.ts'
import { admit, asked, refuse } from '../signin.ts'
import { command } from './command.ts'

function read(args: Scanner): { mechanism: string; initial?: string } {
  args.space()
  const mechanism = args.word('a mechanism')
  const initial = args.maySpace() && !args.atEnd ? args.astring('an initial response').toString('latin1') : undefined
  args.end()
  return { mechanism, ...(initial === undefined ? {} : { initial }) }
}

/** Asks, and reads one answer line. */
async function ask(session: Session, challenge: string): Promise<string> {
  session.out.line(`+ ${challenge}`)
  session.out.flush()
  const line = await session.input.line(maxLineBeforeLogin)
  if (line === undefined) throw new ClientGone()
  if (line === 'too-long') {
    session.ending = true
    throw new BadSyntax('the response is too long')
  }
  return line.toString('latin1')
}

export const authenticate = command({
  name: 'AUTHENTICATE',
  when: 'before-login',
  read,
  async run(session, { mechanism, initial }) {
    if (!session.secure) return no('PRIVACYREQUIRED', 'AUTHENTICATE is disabled without TLS')
    const known = mechanismOf(mechanism, session.channel, session.given.accounts)
    if (!known) return no('CANNOT', 'there is no such mechanism')
    const outcome = await converse(known, asked(session), { initial, ask: (challenge) => ask(session, challenge) })
    if (outcome.kind === 'signed-in') return admit(session, outcome.signedIn, 'AUTHENTICATE')
    if (outcome.kind === 'refused') return refuse(session, outcome.refusal)
    return bad(outcome.kind === 'cancelled' ? 'AUTHENTICATE cancelled' : outcome.why)
  },
})
