import { Refusal } from '#kit/refusal.ts'
import { fold } from '../address.ts'
import type { SignedIn, StoredAccount } from '../port.ts'
import type { Asked } from './mechanism.ts'

/**
 * The authorization identity (RFC 4422 §2): for whom the client acts. Mail is reached by rights on offices, with one's own name, so
 * most protocols know none but oneself; ManageSieve has no other way to say whose scripts it edits.
 *
 * @param authorization as sent, "" for oneself
 * @returns what to ask once the person is known: the account acted for, undefined for oneself. @throws Refusal 403 there too
 * @throws Refusal 403 where nobody acts for another
 */
export function actingFor(
  { mayActFor }: Asked,
  authorization: string,
  name: string,
): (signedIn: SignedIn) => StoredAccount | undefined {
  if (authorization === '' || fold(authorization) === fold(name)) return () => undefined
  if (!mayActFor) throw refused('nobody signs in for somebody else')
  return (signedIn) => {
    const account = mayActFor(signedIn, authorization)
    if (!account) throw refused(`${fold(name)} does not manage ${fold(authorization).slice(0, 200)}`)
    return account
  }
}

const refused = (why: string): Refusal => new Refusal(403, 'Không được đăng nhập thay người khác.', why)
