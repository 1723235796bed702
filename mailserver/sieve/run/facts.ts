import type { Field } from '#mailserver/mime/fields.ts'

/** Everything that a run may know: plain data, so that it can go to another thread. Nothing else is asked, of nobody. */
export type Facts = {
  /** envelope sender, "" for <>; and the recipient as it was written */
  from: string
  to: string
  /** the recipient's own lines and the message's, top first; one character an octet (`mime/fields.ts`) */
  fields: readonly Field[]
  /** the message's octets; needed by `body` only, else absent */
  raw?: Uint8Array
  /** octets of the message */
  size: number
  /** milliseconds since 1970 */
  now: number
  /** minutes east of Greenwich in which dates are read where a script names no zone */
  zone: number
  owner: { address: string; name: string; aliases: readonly string[] }
  /** `id` is IMAP's MAILBOXID; `notes`, its METADATA by entry, are given where the script asks for them */
  mailboxes: readonly { path: string; id?: string; specialUse?: string; notes?: Readonly<Record<string, string>> }[]
  serverNotes?: Readonly<Record<string, string>>
  hostname: string
  domain: string
  /** keys of `duplicate` that were seen before; a run that asks for others names them in its outcome */
  seen: readonly string[]
}

/** What is to be done, in the order in which it was asked for. Flags are as IMAP writes them. */
export type Act =
  | { kind: 'file'; mailbox: string; create: boolean; specialUse?: string; flags: readonly string[]; header?: Edit }
  | { kind: 'redirect'; to: string; header?: Edit }
  | { kind: 'refuse'; by: 'reject' | 'ereject'; reason: string }
  | Reply
  | Notice

/** RFC 5230; `key` names what it answers with: it is not sent again to the same person for `seconds`. */
export type Reply = {
  kind: 'reply'
  to: string
  /** an address of the owner's */
  from: { address: string; name?: string }
  subject: string
  /** text, or a MIME entity with its header when `mime` */
  body: string
  mime: boolean
  key: string
  seconds: number
  inReplyTo?: string
  references?: string
  fcc?: Fcc
}
/** Where a copy of what is sent is filed (RFC 8580). */
export type Fcc = { mailbox: string; create: boolean; flags: readonly string[] }

/** RFC 5435, RFC 5436; addresses in lower case. The same people are not told again for `seconds`. */
export type Notice = {
  kind: 'notify'
  to: readonly string[]
  cc: readonly string[]
  bcc: readonly string[]
  from: { address: string; name?: string }
  subject: string
  body: string
  importance: '1' | '2' | '3'
  key: string
  seconds: number
  fcc?: Fcc
}

/** Header edits (RFC 5293): lines to put on top and at the end, CRLF-ended, and fields to leave out by their place in `Facts.fields`. */
export type Edit = { top: string; bottom: string; without: readonly number[] }

export type Outcome = {
  acts: readonly Act[]
  /** keys of `duplicate`, with how long each is to be remembered; set again when `renew` */
  asked: readonly { key: string; seconds: number; renew: boolean }[]
  steps: number
}

/** A script that cannot go on: its letter is kept in INBOX, and its owner told. */
export class RunFault extends Error {
  override name = 'RunFault'
  readonly line: number
  readonly vi: string
  constructor(at: { line: number }, vi: string, en: string) {
    super(en)
    this.line = at.line
    this.vi = vi
  }
}
