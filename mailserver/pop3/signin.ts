/** What PASS and AUTH have in common: opening the maildrop for this session alone, and saying no without telling too much. */
import type { Refusal } from '#kit/refusal.ts'
import type { SignedIn } from '#mailserver/accounts/port.ts'
import type { Asked } from '#mailserver/accounts/sasl/mechanism.ts'
import * as signin from '#mailserver/sessions/signin.ts'
import { Maildrop } from './maildrop.ts'
import { err, ok, type Reply, sentences } from './reply.ts'
import type { Session } from './session.ts'

/**
 * Without the connection to bind to: mutt of Debian 12 takes a -PLUS mechanism, finds that it has no binding, and is then one
 * answer behind for good, so that it cannot sign in at all (docs/decisions/pop3.md).
 */
export const asked = (session: Session): Asked => {
  const { accounts, from } = signin.asked(session, 'pop3')
  return { accounts, from }
}

export function refuse(session: Session, refusal: Refusal): Reply {
  session.user = undefined
  if (signin.turnAway(session, refusal)) session.ending = true
  // RFC 3206 §4: not [AUTH], or programs ask their user for another password
  if (refusal.status === 429) return err(sentences.slowed, 'SYS/TEMP')
  if (refusal.status === 503) return err({ vi: refusal.advice, en: refusal.message }, 'SYS/TEMP')
  // the password was right: who sent it may know why it does not help
  if (refusal.status === 403) return err({ vi: refusal.advice, en: refusal.message }, 'AUTH')
  return err(sentences.wrongPassword, 'AUTH')
}

export async function admit(session: Session, signedIn: SignedIn): Promise<Reply> {
  signin.letIn(session, signedIn)
  const opened = await open(session, signedIn)
  // Whoever has signed in and gets no maildrop has nothing more to do here.
  if (!opened.ok) session.ending = true
  return opened
}

async function open(session: Session, { account }: SignedIn): Promise<Reply> {
  const { store, claims, log } = session.given
  const mailbox = store.read.mailbox(account.id, 'INBOX')
  // Offices and registers are records of an authority: a program that takes letters away must not get at them (design §5).
  if (account.kind !== 'person' || mailbox?.type !== 'normal') {
    log.info({ ref: session.ref, account: account.address }, 'no POP3 for this kind of account')
    return err(sentences.notAllowed, 'AUTH')
  }
  const release = await claims.take(`pop3 ${account.id}`)
  if (!release) return err(sentences.inUse, 'IN-USE')
  session.release = release
  // Asked after the claim: what the session before deleted is gone.
  session.drop = new Maildrop(mailbox, store.read)
  const { messages, octets } = session.drop.left
  return ok(`${messages} messages (${octets} octets)`)
}
