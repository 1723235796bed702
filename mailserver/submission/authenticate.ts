/**
 * AUTH (RFC 4954) with every mechanism of accounts/sasl. smtp-server has a parser of its own for three of them; it is replaced
 * here, on each connection, because it takes what is not base64 and cannot be taught another mechanism.
 */
import type { SMTPServerSession } from 'smtp-server'
import type { Log } from '#kit/log.ts'
import type { Accounts } from '#mailserver/accounts/port.ts'
import { converse, type Outcome } from '#mailserver/accounts/sasl/converse.ts'
import { mechanismOf, offered } from '#mailserver/accounts/sasl/table.ts'
import { SmtpReply } from './recipients.ts'
import { replyOf, signInReply } from './reply.ts'

/**
 * No mechanism is bound to the connection here: mutt of Debian 12 takes -PLUS where it is listed, finds that it has no binding, and
 * gives up (docs/decisions/sign-in.md).
 */
const unbound = undefined
/** What EHLO lists. */
export const authMethods = (accounts: Accounts): string[] => offered(unbound, accounts).map(({ name }) => name)

/** Refused sign-ins on one connection, then 421. */
const maxSignIns = 5

type Next = () => void
/** What smtp-server keeps to itself of a connection; the tests notice when a new version names it otherwise. */
export type AuthConnection = {
  session: SMTPServerSession
  secure: boolean
  _nextHandler: false | ((line: Buffer | string, next: Next) => void)
  _transmissionType(): string
  send(code: number, text?: string): void
  handler_AUTH(command: Buffer | string, next: Next): void
}

export type AuthGiven = {
  accounts: Accounts
  log: Log
  /** passwords may travel in the clear: nobody can listen */
  insecure: boolean
}

export function takeAuth(connection: AuthConnection, { accounts, log, insecure }: AuthGiven): void {
  let failed = 0

  connection.handler_AUTH = (command, next) => {
    const [, name = '', initial, ...more] = command.toString().trim().split(/ +/)
    const say = (code: number, text: string) => {
      connection.send(code, text)
      next()
    }
    if (!connection.secure && !insecure) return say(538, '5.7.11 STARTTLS first / Can ma hoa truoc')
    if (connection.session.user) return say(503, '5.5.1 Signed in already')
    const mechanism = mechanismOf(name, unbound, accounts)
    if (!mechanism) return say(504, '5.5.4 There is no such mechanism / Khong co co che nay')
    if (more.length > 0) return say(501, '5.5.4 Syntax: AUTH mechanism [response]')
    let proceed = next
    const exchange = converse(
      mechanism,
      {
        accounts,
        from: { ip: connection.session.remoteAddress, scope: 'smtp' },
      },
      {
        initial,
        ask: (challenge) =>
          new Promise((resolve) => {
            connection._nextHandler = (line, next) => {
              proceed = next
              resolve(line.toString())
            }
            connection.send(334, challenge)
            proceed()
          }),
      },
    )
    exchange.then(
      (outcome) => {
        const { code, text } = finish(outcome)
        connection.send(code, text)
        if (code !== 421) proceed()
      },
      (error: unknown) => {
        const reply = replyOf(error, log)
        connection.send(reply instanceof SmtpReply ? reply.responseCode : 451, reply.message)
        proceed()
      },
    )
  }

  function finish(outcome: Outcome): { code: number; text: string } {
    const { session } = connection
    switch (outcome.kind) {
      case 'signed-in':
        session.user = outcome.signedIn
        session.transmissionType = connection._transmissionType()
        log.info({ ip: session.remoteAddress, account: outcome.signedIn.account.address }, 'signed in')
        return { code: 235, text: '2.7.0 Signed in / Da dang nhap' }
      case 'cancelled':
        return { code: 501, text: '5.7.0 Cancelled / Da huy' }
      case 'malformed':
        return { code: 501, text: `5.5.2 Syntax: ${outcome.why}` }
      case 'refused': {
        const { refusal } = outcome
        log.info({ ip: session.remoteAddress, status: refusal.status, why: refusal.message }, 'sign-in refused')
        if (++failed >= maxSignIns)
          return { code: 421, text: '4.7.0 Too many refused sign-ins / Dang nhap sai qua nhieu lan' }
        const { responseCode, message } = signInReply(refusal)
        return { code: responseCode, text: message }
      }
    }
  }
}
