/** What signing in comes to in every protocol of the session threads; each words its own answers. */
import type { Refusal } from '#kit/refusal.ts'
import type { Scope, SignedIn } from '#mailserver/accounts/port.ts'
import type { Asked } from '#mailserver/accounts/sasl/mechanism.ts'
import { maxSignIns } from './limits.ts'
import type { ClientSession } from './session.ts'

export const asked = ({ given, ip, channel }: ClientSession, scope: Scope): Asked => ({
  accounts: given.accounts,
  from: { ip, scope },
  ...(channel && { channel }),
})

export function letIn(session: ClientSession, signedIn: SignedIn): void {
  const { given } = session
  session.signedIn = signedIn
  given.signedIn(session)
  given.log.info({ ref: session.ref, ip: session.ip, account: signedIn.account.address }, 'signed in')
}

/** Logs and counts a refused sign-in. @returns true when it was one too many: the connection is to end */
export function turnAway(session: ClientSession, refusal: Refusal): boolean {
  const { log } = session.given
  log.info({ ref: session.ref, ip: session.ip, status: refusal.status, why: refusal.message }, 'sign-in refused')
  return ++session.failedSignIns >= maxSignIns
}
