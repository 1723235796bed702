/** One part of a message by the octets it occupies; offsets count from the message's first octet, ends are exclusive. */
export type MimePart = {
  /** IMAP part number, "" for the message itself, "1.2" below; a single-part message's body is "1" */
  number: string
  /** lower case, for example "text/plain" */
  type: string
  parameters: Record<string, string>
  /** decoded file name (RFC 2231, RFC 2047), when the part has one */
  filename?: string
  disposition?: 'inline' | 'attachment' | (string & {})
  /** without angle brackets */
  contentId?: string
  /** lower case: 7bit, 8bit, binary, base64, quoted-printable */
  encoding: string
  /** the header, with the empty line that ends it */
  headerStart: number
  headerEnd: number
  bodyStart: number
  bodyEnd: number
  /** lines in the body (RFC 9051 BODYSTRUCTURE), for text and message/rfc822 */
  lines: number
  children: MimePart[]
}

/**
 * What the store keeps beside a message's octets, computed once at delivery in the thread that delivers
 * (`indexMessage(raw)` in `mailserver/mime/index.ts`). Never throws on hostile input: what cannot be read is an
 * opaque part, and texts are cut at their limits.
 */
export type MimeIndex = {
  /** RFC 9051 §7.5.2 ENVELOPE, parenthesised */
  envelope: string
  /** BODYSTRUCTURE, with extension data */
  bodyStructure: string
  /** BODY, without */
  body: string
  /** offsets count from the first octet of `raw` */
  structure: MimePart
  /** octets to be added for every line to end with CRLF */
  lineExtra: number
  /** decoded (RFC 2047), one line, NFC; "" when absent */
  subject: string
  /** the message's own header decoded for search: one "Name: value" a line, unfolded, LF-ended */
  headerText: string
  /** decoded text of the text parts, tags of HTML removed; not folded */
  text: string
  /** without angle brackets; "" when absent */
  messageId: string
  /** the Date field in milliseconds since 1970; absent when it cannot be read */
  sentAt?: number
  listing: Listing
}

/** What lists are sorted and threaded by. Texts are collation keys (`kit/vi/collate.ts`), "" where there is nothing. */
export type Listing = {
  /** the base subject (RFC 5256 §2.1) */
  subject: string
  /** its subject says that it answers or forwards another message */
  reply: boolean
  /** mailbox part of the first address */
  from: string
  to: string
  cc: string
  /** display name of the first address, or the address (RFC 5957) */
  fromName: string
  toName: string
  /** the Date field in milliseconds since 1970; absent when it cannot be read */
  sentAt?: number
  /** normalised (RFC 5256 §3); "" when absent or malformed */
  messageId: string
  /** of References, or the first of In-Reply-To; the oldest first */
  references: string[]
  /** at most 200 characters (RFC 8970) */
  preview: string
}
