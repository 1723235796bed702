import { type Mechanism, textOf } from './mechanism.ts'
import { signIn } from './password.ts'

/** LOGIN (draft-murchison-sasl-login-00): old Outlooks and devices that send scans speak no other. Prompts are never read. */
export const login: Mechanism = {
  name: 'LOGIN',
  async *run(asked, initial) {
    const name = textOf(initial ?? (yield Buffer.from('Username:')), 'the name')
    const secret = textOf(yield Buffer.from('Password:'), 'the password')
    return { signedIn: await signIn(asked, name, secret) }
  },
}
