import type { Registry } from '#kit/act/registry.ts'
import type { Directory } from '#kit/directory/calls.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import type { Calendar } from '#kit/vi/workdays.ts'
import type { Session } from '#kit/web/session.ts'
import type { Hub } from '#kit/web/sse.ts'
import type { Mailboxes } from './mailboxes.ts'
import type { Registers } from './registers.ts'
import type { ViewerOf } from './viewer.ts'

/** What the desk is made of; `desk.ts` at the root puts it together. */
export type WorkflowOptions = {
  directory: Pick<Directory, 'directory.agency' | 'ledger.outcome'>
  /** `paths(data).projections` */
  projections: string
  acts: Registry
  /** the province's working days */
  calendar: Calendar
  /** how a signed-in person reaches IMAP and submission: the token is the password */
  imap: (session: Session) => MailAccess
  submission: (session: Session) => MailAccess
  /** connections of the signed-in people; made from `imap` when absent */
  mailboxes?: Mailboxes
  hub: Hub
  /** folder for files on their way into a message */
  uploads: string
  /** octets of one message, from the settings: files must fit in it */
  mostMessageBytes: number
  now?: () => Date
}

/** The same, with what the pages share between requests. */
export type Given = WorkflowOptions & {
  now: () => Date
  viewerOf: ViewerOf
  registers: Registers
  mailboxes: Mailboxes
  /** for due chips and rulers */
  isOff: (date: string) => boolean
}
