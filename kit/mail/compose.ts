import { createHash } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { MailAddress } from '#kit/mail/addresses.ts'

export type File = {
  name: string
  type: string
  content: Uint8Array /** shown inside the html by "cid:" */
  cid?: string
}

export type Mail = {
  from: MailAddress
  sender?: MailAddress
  replyTo?: readonly MailAddress[]
  to: readonly MailAddress[]
  cc?: readonly MailAddress[]
  subject: string
  /** without angle brackets; also decides the boundaries, so that the same mail is the same octets every time */
  messageId: string
  inReplyTo?: string
  /** without angle brackets, oldest first */
  references?: readonly string[]
  date: Date
  /** further fields, in order; Unicode values become encoded words (RFC 2047) */
  headers?: readonly { name: string; value: string }[]
  text: string
  html?: string
  /** in order after the text; names are written by RFC 2231 */
  files?: readonly File[]
}

/**
 * The message's octets: CRLF lines, UTF-8, 7-bit clean, so it passes every server unchanged and its DKIM
 * signature holds. Texts are brought to NFC. The same input gives the same octets.
 *
 * @throws TypeError when an address, a name of a field or an identifier holds a line break or another control character:
 * the caller lets input through that it should have checked
 */
export async function compose(mail: Mail): Promise<Buffer> {
  for (const a of [
    mail.from,
    ...(mail.sender ? [mail.sender] : []),
    ...(mail.replyTo ?? []),
    ...mail.to,
    ...(mail.cc ?? []),
  ])
    if (!/^[^\s\p{Cc}<>,;:"()]+@[^\s\p{Cc}<>,;:"()@]+$/u.test(a.address))
      throw new TypeError(`not an address: ${JSON.stringify(a.address)}`)
  for (const id of [mail.messageId, ...(mail.inReplyTo ? [mail.inReplyTo] : []), ...(mail.references ?? [])])
    if (!/^[^\s\p{Cc}<>]+$/u.test(id)) throw new TypeError(`not a message identifier: ${JSON.stringify(id)}`)
  for (const h of mail.headers ?? [])
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(h.name)) throw new TypeError(`not a field name: ${h.name}`)
  const node = new MailComposer({
    from: address(mail.from),
    ...(mail.sender ? { sender: address(mail.sender) } : {}),
    ...(mail.replyTo?.length ? { replyTo: mail.replyTo.map(address) } : {}),
    to: mail.to.map(address),
    ...(mail.cc?.length ? { cc: mail.cc.map(address) } : {}),
    subject: line(mail.subject),
    messageId: `<${mail.messageId}>`,
    ...(mail.inReplyTo ? { inReplyTo: `<${mail.inReplyTo}>` } : {}),
    ...(mail.references?.length ? { references: mail.references.map((r) => `<${r}>`) } : {}),
    date: mail.date,
    headers: (mail.headers ?? []).map((h) => ({ key: h.name, value: line(h.value) })),
    text: mail.text.normalize('NFC'),
    ...(mail.html === undefined ? {} : { html: mail.html.normalize('NFC') }),
    attachments: (mail.files ?? []).map((f) => ({
      filename: line(f.name),
      contentType: f.type,
      content: Buffer.from(f.content.buffer, f.content.byteOffset, f.content.byteLength),
      contentTransferEncoding: 'base64',
      ...(f.cid === undefined ? {} : { cid: f.cid }),
    })),
    baseBoundary: createHash('sha256').update(mail.messageId).digest('hex').slice(0, 32),
    boundaryPrefix: '=_cs',
    normalizeHeaderKey: spelled,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile()
  return node.build()
}

function address(a: MailAddress): { name: string; address: string } {
  return { name: line(a.name ?? ''), address: a.address }
}

/** One line of text for a header: line breaks and other controls become spaces. */
function line(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
}

/** nodemailer has already capitalised each word; ours has a capital inside. */
function spelled(key: string): string {
  return key.replace(/^Congso-/, 'CongSo-')
}
