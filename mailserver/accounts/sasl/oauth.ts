/**
 * Our own tokens in the forms of OAuth: OAUTHBEARER (RFC 7628) and XOAUTH2, which mail programs spoke before it
 * (developers.google.com/workspace/gmail/imap/xoauth2-protocol). A refusal is told as JSON, which the client must
 * acknowledge before the exchange fails.
 */
import { Refusal } from '#kit/refusal.ts'
import { isToken } from '../tokens.ts'
import { Malformed, type Mechanism, nothing, type Success, textOf } from './mechanism.ts'

type Shown = { address: string | undefined; token: string }
type Form = {
  read(text: string): Shown
  /** RFC 7628 §3.2.2, or Google's */
  complain(status: 'invalid_request' | 'invalid_token' | 'insufficient_scope'): object
}

export const oauthbearer: Mechanism = {
  name: 'OAUTHBEARER',
  run: exchange({
    read(text) {
      // RFC 7628 §3.1: gs2-header kvsep *kvpair kvsep; no channel binding (§3.1: "n" or "y")
      const match = /^[ny],(?:a=([^,\x01]*))?,\x01((?:[A-Za-z]+=[^\x01]*\x01)*)\x01$/.exec(text)
      if (!match) throw new Malformed('the response is not one of OAUTHBEARER')
      const address = match[1]?.replaceAll('=2C', ',').replaceAll('=3D', '=')
      return { address: address === '' ? undefined : address, token: bearer(match[2]!) }
    },
    complain: (status) => ({ status, scope: 'mail' }),
  }),
}

export const xoauth2: Mechanism = {
  name: 'XOAUTH2',
  run: exchange({
    read(text) {
      const match = /^user=([^\x01]+)\x01((?:[A-Za-z]+=[^\x01]*\x01)+)\x01$/.exec(text)
      if (!match) throw new Malformed('the response is not one of XOAUTH2')
      return { address: match[1], token: bearer(match[2]!) }
    },
    complain: (status) => ({ status: status === 'invalid_request' ? '400' : '401', schemes: 'bearer', scope: 'mail' }),
  }),
}

function exchange(form: Form): Mechanism['run'] {
  return async function* (asked, initial): AsyncGenerator<Buffer, Success, Buffer> {
    const response = initial ?? (yield nothing)
    try {
      const { address, token } = form.read(textOf(response, 'the response'))
      return { signedIn: asked.accounts.signInToken(token, address) }
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof Malformed)) throw error
      const status =
        error instanceof Malformed ? 'invalid_request' : error.status === 403 ? 'insufficient_scope' : 'invalid_token'
      // The client answers with ^A (RFC 7628 §3.2.3) or, in XOAUTH2, an empty line; whatever it is, the exchange has failed.
      yield Buffer.from(JSON.stringify(form.complain(status)))
      throw error
    }
  }
}

/** RFC 6750 §2.1; what is no token of ours may be a password, and those are for other mechanisms. @throws Malformed, Refusal 401 */
function bearer(pairs: string): string {
  const auth = pairs.split('\x01').filter((pair) => /^auth=/i.test(pair))
  const token = auth.length === 1 ? /^auth=bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(auth[0]!)?.[1] : undefined
  if (token === undefined) throw new Malformed('there is no one bearer token')
  if (!isToken(token))
    throw new Refusal(401, 'Phiên làm việc đã kết thúc. Vui lòng đăng nhập lại.', 'not a token of ours')
  return token
}
