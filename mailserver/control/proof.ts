import type { Proof } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { isToken } from '#mailserver/accounts/tokens.ts'
import type { Context } from './call.ts'
import { maybe, object, type Reader, text } from './input.ts'

export type { Proof }
export const proof: Reader<Proof | undefined> = maybe(object({ password: text(1024), ip: text(64) }))

/**
 * The person's password, shown again before something is made that outlasts the session: a desk left open must not be enough.
 *
 * @throws Refusal 422 with the field `password`, 403 and 429 as a sign-in
 */
export async function prove({ accounts }: Context, address: string, given: Proof | undefined): Promise<void> {
  try {
    // the session's own token would prove nothing
    if (!given || given.password === '' || isToken(given.password)) throw new Refusal(401, '', 'no password')
    await accounts.signIn(address, given.password, { ip: given.ip, scope: 'web' })
  } catch (err) {
    if (!(err instanceof Refusal) || err.status !== 401) throw err
    const wrong = 'Mật khẩu không đúng.'
    throw new Refusal(422, wrong, `not proven: ${err.message}`, { fields: { password: wrong } })
  }
}
