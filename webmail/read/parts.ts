import type { Part } from '#kit/mail/summary.ts'

/** The data part of a structured message: read by programs, shown as a card, never listed as a file. */
const dataType = 'application/vnd.congso+json'
/** A mail with more files than this is not written by a person; the rest is in its source. */
const mostListed = 200

export type Attachment = { part: string; name: string; type: string; size: number; note?: string }
export type Reading = {
  text?: Part
  html?: Part
  /** pictures that the html may show, by Content-ID */
  inline: Part[]
  attachments: Attachment[]
  /** S/MIME or PGP */
  signed: boolean
}

/** Decides what of a message is its text and what is a file; the best alternative is the last (RFC 2046 §5.1.4). */
export function readingOf(root: Part): Reading {
  const reading: Reading = { inline: [], attachments: [], signed: false }
  walk(root, reading, '')
  return { ...reading, attachments: reading.attachments.slice(0, mostListed) }
}

function walk(part: Part, into: Reading, parent: string): void {
  if (part.type === 'multipart/signed') into.signed = true
  if (part.type.startsWith('multipart/')) {
    for (const child of part.children) walk(child, into, part.type)
    return
  }
  if (part.type === dataType) return
  const attached = part.disposition === 'attachment'
  if (!attached && part.type === 'text/html' && !into.html) into.html = part
  else if (!attached && part.type === 'text/plain' && !into.text && part.filename === undefined) into.text = part
  else if (
    part.contentId !== undefined &&
    part.type.startsWith('image/') &&
    (parent === 'multipart/related' || part.disposition === 'inline')
  )
    into.inline.push(part)
  else into.attachments.push(attachment(part))
}

const signatureTypes = /^application\/(x-)?pkcs7-signature$|^application\/pgp-signature$/

function attachment(part: Part): Attachment {
  const encodedToOctets = part.encoding === 'base64' ? 0.73 : 1 // 57 octets become 78 with the line's end
  return {
    part: part.number,
    name: part.filename ?? (part.type === 'message/rfc822' ? 'Thư đính kèm.eml' : `tệp ${part.number}`),
    type: part.type,
    size: Math.round(part.size * encodedToOctets),
    ...(signatureTypes.test(part.type) ? { note: 'chữ ký số của người gửi' } : {}),
  }
}
