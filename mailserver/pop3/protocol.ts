/**
 * POP3 for the session threads (RFC 1939): the INBOX of a person, as one maildrop. Nothing is kept in this folder. Never happens
 * here: a message that goes before QUIT, two sessions on one maildrop, a change in a register's or an office's mailbox.
 */
import type { Claims } from '#mailserver/sessions/claims.ts'
import type { Protocol } from '#mailserver/sessions/session.ts'
import { sentences, writeReply } from './reply.ts'
import { Session } from './session.ts'

export function pop3({ claims }: { claims: Claims }): Protocol {
  return {
    name: 'pop3',
    full: `${writeReply({ ok: false, code: 'SYS/TEMP', text: sentences.full }, 'both')}\r\n`,
    open: (client, shared) => new Session({ ...shared, claims }, client),
  }
}
