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
