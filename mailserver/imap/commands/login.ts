/** LOGIN (RFC 9051 §6.2.3). NIL is an ordinary atom here: a name that nobody has, but a name. */
import { Refusal } from '#kit/refusal.ts'
import { signIn } from '#mailserver/accounts/sasl/password.ts'
import { BadSyntax, type Scanner, utf8 } from '../parse/scanner.ts'
import { no } from '../reply.ts'
import { admit, asked, refuse } from '../signin.ts'
import { command } from './command.ts'

function read(args: Scanner): { name: string; secret: string } {
  args.space()
  const name = args.astring('a name')
  args.space()
  const secret = args.astring('a password')
  args.end()
  // NIL stands for "no string" wherever one may lack; nobody signs in with none.
  if (isNil(name) && isNil(secret)) throw new BadSyntax('LOGIN wants a name and a password')
  return { name: utf8(name, 'the name'), secret: utf8(secret, 'the password') }
}

const isNil = (octets: Buffer) => octets.length === 3 && octets.toString('latin1').toUpperCase() === 'NIL'

export const login = command({
  name: 'LOGIN',
  when: 'before-login',
  read,
  async run(session, { name, secret }) {
    if (!session.secure) return no('PRIVACYREQUIRED', 'LOGIN is disabled without TLS')
    try {
      return admit(session, await signIn(asked(session), name, secret), 'LOGIN')
    } catch (error) {
      if (error instanceof Refusal) return refuse(session, error)
      throw error
    }
  },
})
