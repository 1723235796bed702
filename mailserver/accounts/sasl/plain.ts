import { actingFor } from './acting.ts'
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
    const acting = actingFor(asked, as, name)
    const signedIn = await signIn(asked, name, secret)
    return { signedIn, as: acting(signedIn) }
  },
}
