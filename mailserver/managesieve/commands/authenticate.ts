import type { Refusal } from '#kit/refusal.ts'
import { converse } from '#mailserver/accounts/sasl/converse.ts'
import type { Asked } from '#mailserver/accounts/sasl/mechanism.ts'
import { mechanismOf } from '#mailserver/accounts/sasl/table.ts'
import { ClientGone } from '#mailserver/sessions/output.ts'
import * as signin from '#mailserver/sessions/signin.ts'
import { maxLiteralBeforeLogin } from '../limits.ts'
import { readResponse } from '../parse/command.ts'
import { bye, no, ok, type Reply, sentences, writeString } from '../reply.ts'
import { mayManage, type Session } from '../session.ts'
import { command } from './command.ts'

/**
 * RFC 5804 §2.1, with every mechanism of accounts/sasl. Challenges and responses are strings. Who manages an office edits its
 * scripts by naming it as the authorization identity (RFC 4422 §2).
 */
export const authenticate = command({
  name: 'AUTHENTICATE',
  when: 'signed-out',
  async run(session, args) {
    const name = args.text('a mechanism')
    const initial = args.more ? args.text('a first response') : undefined
    args.end()
    if (!session.secure) return no(sentences.needsTls, 'ENCRYPT-NEEDED')
    const mechanism = mechanismOf(name, session.channel, session.given.accounts)
    if (!mechanism) return no('Không có cơ chế đăng nhập này. / There is no such mechanism.')
    const mayActFor: Asked['mayActFor'] = (signedIn, address) => mayManage(session.given, signedIn, address)
    const outcome = await converse(
      mechanism,
      { ...signin.asked(session, 'sieve'), mayActFor },
      {
        // an empty response is an empty string here
        initial: initial === '' ? '=' : initial,
        ask: (challenge) => ask(session, challenge),
        dataWithSuccess: true,
      },
    )
    if (outcome.kind === 'refused') return refuse(session, outcome.refusal)
    if (outcome.kind !== 'signed-in') return no(outcome.kind === 'cancelled' ? 'AUTHENTICATE cancelled' : outcome.why)
    const { account } = outcome.signedIn
    if (account.kind !== 'person') {
      session.given.log.info({ ref: session.ref, account: account.address }, 'no scripts for this kind of account')
      return no(sentences.notAllowed)
    }
    session.acting = outcome.as
    signin.letIn(session, outcome.signedIn)
    if (outcome.as) session.given.log.info({ ref: session.ref, as: outcome.as.address }, 'acts for an office')
    return ok(undefined, outcome.data ? `SASL ${writeString(outcome.data.toString('base64'))}` : undefined)
  },
})

async function ask(session: Session, challenge: string): Promise<string> {
  session.out.line(writeString(challenge))
  session.out.flush()
  const said = await readResponse(session.input, maxLiteralBeforeLogin)
  if (said === undefined) throw new ClientGone()
  return said
}

function refuse(session: Session, refusal: Refusal): Reply {
  if (signin.turnAway(session, refusal)) return bye(sentences.wrongPassword)
  if (refusal.status === 429) return no(sentences.slowed, 'TRYLATER')
  if (refusal.status === 503) return no(`${refusal.advice} / ${refusal.message}`, 'TRYLATER')
  // the password was right: who sent it may know why it does not help
  if (refusal.status === 403) return no(`${refusal.advice} / ${refusal.message}`)
  return no(sentences.wrongPassword)
}
