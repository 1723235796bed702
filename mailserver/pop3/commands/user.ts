/** USER and PASS (RFC 1939 §7). What USER names is not looked at before the password is there, so that names cannot be tried. */
import { Refusal } from '#kit/refusal.ts'
import { signIn } from '#mailserver/accounts/sasl/password.ts'
import { err, ok, Refused, sentences } from '../reply.ts'
import { admit, asked, refuse } from '../signin.ts'
import { command } from './command.ts'

export const user = command({
  name: 'USER',
  when: 'authorization',
  read(args) {
    if (args.trim() === '') throw new Refused('a name is missing')
    return args.trim()
  },
  run(session, name) {
    if (!session.secure) return err(sentences.needsTls)
    session.user = name
    return ok('now the password')
  },
})

export const pass = command({
  name: 'PASS',
  when: 'authorization',
  // RFC 1939 §7: spaces belong to the password
  read: (args) => args,
  async run(session, secret) {
    if (!session.secure) return err(sentences.needsTls)
    if (session.user === undefined) return err('USER first')
    try {
      return await admit(session, await signIn(asked(session), session.user, secret))
    } catch (error) {
      if (error instanceof Refusal) return refuse(session, error)
      throw error
    }
  },
})
