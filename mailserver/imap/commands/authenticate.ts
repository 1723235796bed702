/** AUTHENTICATE with SASL PLAIN (RFC 4616) and LOGIN (what old Outlooks use), with SASL-IR (RFC 4959). */
import { maxLineBeforeLogin } from '../limits.ts'
import { BadSyntax, type Scanner, utf8 } from '../parse/scanner.ts'
import { bad, no, type Reply, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
import { signIn } from '../signin.ts'
import { ClientGone } from '../write/output.ts'
import { command } from './command.ts'

function read(args: Scanner): { mechanism: string; initial?: Buffer } {
  args.space()
  const mechanism = args.word('a mechanism')
  const initial =
    args.maySpace() && !args.atEnd ? unbase64(args.astring('an initial response').toString('latin1')) : undefined
  args.end()
  return { mechanism, ...(initial ? { initial } : {}) }
}

function unbase64(text: string): Buffer {
  if (text === '=') return Buffer.alloc(0) // RFC 4959 §3: an empty initial response
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new BadSyntax('the response is not base64')
  return Buffer.from(text, 'base64')
}

/** Asks, and reads one answer line. undefined: the client gave up with "*". */
async function ask(session: Session, challenge: string): Promise<Buffer | undefined> {
  session.out.line(`+ ${Buffer.from(challenge).toString('base64')}`)
  session.out.flush()
  const line = await session.input.line(maxLineBeforeLogin)
  if (line === undefined) throw new ClientGone()
  if (line === 'too-long') {
    session.ending = true
    throw new BadSyntax('the response is too long')
  }
  const text = line.toString('latin1')
  return text === '*' ? undefined : unbase64(text)
}

const mechanisms: Record<string, (session: Session, initial?: Buffer) => Promise<Reply>> = {
  async PLAIN(session, initial) {
    const response = initial ?? (await ask(session, ''))
    if (!response) return bad('AUTHENTICATE cancelled')
    const parts = utf8(response, 'the response').split('\0')
    if (parts.length !== 3) return bad('the response is not one of PLAIN')
    const [as, name, secret] = parts as [string, string, string]
    // Acting for another is by rights on offices, with one's own name; there is no signing in as somebody else.
    if (as !== '' && as.toLowerCase() !== name.toLowerCase()) return no('AUTHORIZATIONFAILED', sentences.notAllowed)
    return signIn(session, name, secret, 'AUTHENTICATE')
  },
  async LOGIN(session, initial) {
    const name = initial ?? (await ask(session, 'Username:'))
    const secret = name && (await ask(session, 'Password:'))
    if (!name || !secret) return bad('AUTHENTICATE cancelled')
    return signIn(session, utf8(name, 'the name'), utf8(secret, 'the password'), 'AUTHENTICATE')
  },
}

export const authenticate = command({
  name: 'AUTHENTICATE',
  when: 'before-login',
  read,
  run(session, { mechanism, initial }) {
    if (!session.secure) return no('PRIVACYREQUIRED', 'AUTHENTICATE is disabled without TLS')
    const known = Object.hasOwn(mechanisms, mechanism) ? mechanisms[mechanism] : undefined
    return known ? known(session, initial) : no('CANNOT', 'there is no such mechanism')
  },
})
