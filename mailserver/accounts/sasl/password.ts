import { Refusal } from '#kit/refusal.ts'
import type { SignedIn } from '../port.ts'
import type { Asked } from './mechanism.ts'

/** What PLAIN, LOGIN and a protocol's own LOGIN or PASS come to. @throws Refusal 401, 403, 429 */
export async function signIn({ accounts, from }: Asked, name: string, secret: string): Promise<SignedIn> {
  // An empty name or secret is nobody's; it need not cost a hash.
  if (name === '' || secret === '') throw new Refusal(401, 'Địa chỉ hoặc mật khẩu không đúng.', 'empty name or secret')
  return accounts.signIn(name, secret, from)
}
