/** What LOGIN and AUTHENTICATE have in common: asking the accounts, and saying no without telling too much. */
import { Refusal } from '#kit/refusal.ts'
import { capabilities } from './commands/capability.ts'
import { maxSignIns } from './limits.ts'
import { no, ok, type Reply, sentences } from './reply.ts'
import type { Session } from './session.ts'

export async function signIn(session: Session, address: string, secret: string, command: string): Promise<Reply> {
  const { given } = session
  try {
    // An empty name or secret is nobody's; it need not cost a hash.
    if (address === '' || secret === '') throw new Refusal(401, '', 'empty name or secret')
    session.signedIn = await given.accounts.signIn(address, secret, { ip: session.ip, scope: 'imap' })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    given.log.info({ ref: session.ref, ip: session.ip, status: error.status, why: error.message }, 'sign-in refused')
    if (++session.failedSignIns >= maxSignIns) {
      session.ending = true
      session.out.line('* BYE too many refused sign-ins')
    }
    if (error.status === 429) return no('LIMIT', sentences.slowed)
    if (error.status === 403) return no('AUTHORIZATIONFAILED', sentences.notAllowed)
    return no('AUTHENTICATIONFAILED', sentences.wrongPassword)
  }
  given.signedIn(session)
  given.log.info({ ref: session.ref, ip: session.ip, account: session.signedIn.account.address }, 'signed in')
  return ok(`${command} completed`, `CAPABILITY ${capabilities(session)}`)
}
