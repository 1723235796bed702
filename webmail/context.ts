import type { Directory } from '#kit/directory/calls.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import type { Session } from '#kit/web/session.ts'
import type { MailConnections } from '#webmail/connections.ts'

/** What the webmail is made of; the desk process joins it. */
export type Webmail = {
  directory: Directory
  connections: MailConnections
  /** how submission is reached as this person */
  submission: (session: Session) => MailAccess
  /** what an act's kind is called on pages; webmail knows no acts of its own */
  acts: ReadonlyMap<string, ActName>
  /** folder for files being uploaded */
  uploads: string
  /** domain that makes new Message-IDs */
  domain: string
}
export type ActName = { kind: string; title: string; verb: string; icon: string; danger?: boolean }
