/** What LOGIN and AUTHENTICATE have in common: letting in, and saying no without telling too much. */
import type { Refusal } from '#kit/refusal.ts'
import type { SignedIn } from '#mailserver/accounts/port.ts'
import type { Asked } from '#mailserver/accounts/sasl/mechanism.ts'
import * as signin from '#mailserver/sessions/signin.ts'
import { capabilities } from './commands/capability.ts'
import { no, ok, type Reply, sentences } from './reply.ts'
import type { Session } from './session.ts'

export const asked = (session: Session): Asked => signin.asked(session, 'imap')

export function admit(session: Session, signedIn: SignedIn, command: string): Reply {
  signin.letIn(session, signedIn)
  return ok(`${command} completed`, `CAPABILITY ${capabilities(session)}`)
}

export function refuse(session: Session, refusal: Refusal): Reply {
  if (signin.turnAway(session, refusal)) {
    session.ending = true
    session.out.line('* BYE too many refused sign-ins')
  }
  if (refusal.status === 429) return no('LIMIT', sentences.slowed)
  // RFC 5530 §3: not AUTHENTICATIONFAILED, or programs ask their user for another password
  if (refusal.status === 503) return no('UNAVAILABLE', `${refusal.advice} / ${refusal.message}`)
  // the password was right: who sent it may know why it does not help
  if (refusal.status === 403) return no('AUTHORIZATIONFAILED', `${refusal.advice} / ${refusal.message}`)
  return no('AUTHENTICATIONFAILED', sentences.wrongPassword)
}
