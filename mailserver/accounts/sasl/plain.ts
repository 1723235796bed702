import { Refusal } from '#kit/refusal.ts'
import { fold } from '../address.ts'
import { Malformed, type Mechanism, nothing, textOf } from './mechanism.ts'
import { signIn } from './password.ts'

/** PLAIN (RFC 4616): `[authzid] NUL authcid NUL passwd` in one response. */
export const plain: Mechanism = {
  name: 'PLAIN',
  async *run(asked, initial) {
    const response = initial ?? (yield nothing)
    const first = response.indexOf(0)
    const second = response.indexOf(0, first + 1)
    if (first === -1 || second === -1) throw new Malformed('the response is not one of PLAIN')
    const as = textOf(response.subarray(0, first), 'the authorization identity')
    const name = textOf(response.subarray(first + 1, second), 'the name')
    const secret = textOf(response.subarray(second + 1), 'the password')
    mustBeSame(as, name)
    return { signedIn: await signIn(asked, name, secret) }
  },
}

/**
 * Acting for somebody else is by rights on offices, with one's own name; there is no signing in as another.
 * @throws Refusal 403
 */
export function mustBeSame(authorization: string, name: string): void {
  if (authorization !== '' && fold(authorization) !== fold(name))
    throw new Refusal(403, 'Không được đăng nhập thay người khác.', 'nobody signs in for somebody else')
}
