/**
 * Header fields in UTF-8 (RFC 6532) for programs that know only RFC 5322: texts as encoded words, parameters by RFC 2231, fields
 * that nobody could read otherwise under another name or left out (RFC 6857 §3, RFC 6858 §2). Pure, and only the header of the
 * message and those of its parts change. What is not UTF-8 is no text that could be encoded, and stays as it came.
 */
import { domainToASCII } from 'node:url'
import { type EnvelopeAddress, readEnvelopeAddresses } from '#mailserver/mime/addresses.ts'
import { encodedWords } from '#mailserver/mime/encodedwords.ts'
import { bare } from '#mailserver/mime/fields.ts'
import { readParameterised } from '#mailserver/mime/parameters.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import { decodeWords } from '#mailserver/mime/words.ts'

type Span = { from: number; to: number }
/** Octets [from, to) of the message give way to these. */
export type Edit = Span & { octets: Buffer }

/** Where the headers of a message and of its parts are, ascending. */
export function headersOf(root: MimePart): Span[] {
  const spans: Span[] = []
  const pending = [root]
  for (let part = pending.pop(); part; part = pending.pop()) {
    for (let i = part.children.length - 1; i >= 0; i--) pending.push(part.children[i]!)
    if (part.headerEnd > part.headerStart) spans.push({ from: part.headerStart, to: part.headerEnd })
  }
  return spans
}

/**
 * @param header octets of a header of which the first stands at `at` in the message
 * @returns ascending, none overlapping; none at all for nearly every header
 */
export function downgrade(header: Buffer, at: number): Edit[] {
  const edits: Edit[] = []
  if (isAscii(header)) return edits
  for (let from = 0; from < header.length; ) {
    let to = lineEnd(header, from)
    while (to < header.length && (header[to] === 32 || header[to] === 9)) to = lineEnd(header, to)
    const field = header.subarray(from, to)
    if (!isAscii(field) && isUtf8(field))
      edits.push({ from: at + from, to: at + to, octets: Buffer.from(inAscii(field)) })
    from = to
  }
  return edits
}

/** @param pieces of the message, cut anywhere */
export function* edited(pieces: Iterable<Uint8Array>, edits: readonly Edit[]): Generator<Uint8Array> {
  let start = 0 // offset of the piece in the message
  let next = 0
  for (const piece of pieces) {
    let from = start
    const end = start + piece.length
    for (let edit = edits[next]; edit && edit.from < end; edit = edits[next]) {
      if (edit.from > from) yield piece.subarray(from - start, edit.from - start)
      if (edit.from >= start) yield edit.octets
      from = Math.min(edit.to, end)
      if (edit.to > end) break // the rest of the field is in the next piece
      next++
    }
    if (from < end) yield piece.subarray(from - start)
    start = end
  }
}

/** @returns the field as ASCII, CRLF-ended; "" where nothing of it can be said so (RFC 6858 §2.4) */
function inAscii(octets: Buffer): string {
  const text = octets.toString('latin1')
  const [, name = '', written = ''] = /^([!-9;-~]{1,200})[ \t]*:(.*)$/s.exec(text) ?? []
  if (name === '') return ''
  const value = bare(written.replaceAll(/[\r\n\0]+/g, ''))
  const lower = name.toLowerCase()
  if (addressFields.has(lower)) return `${name}: ${addresses(value)}\r\n`
  if (lower === 'content-type' || lower === 'content-disposition') return parameterised(name, value)
  if (renamed.has(lower)) return `Downgraded-${name}: ${words(value)}\r\n`
  return leftOut.test(lower) ? '' : `${name}: ${words(value)}\r\n`
}

const addressFields = new Set([
  ...['from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'return-path', 'errors-to', 'disposition-notification-to'],
  ...['resent-from', 'resent-sender', 'resent-reply-to', 'resent-to', 'resent-cc', 'resent-bcc', 'list-id'],
])
/** RFC 6857 §3.2: what is compared and not shown goes under a name of its own. */
const renamed = new Set([
  ...['message-id', 'resent-message-id', 'in-reply-to', 'references', 'original-recipient', 'final-recipient'],
])
/** Of a syntax that has no place for encoded words. */
const leftOut =
  /^(received|received-spf|dkim-signature|authentication-results|arc-.*|list-.*|(resent-)?date|mime-version|content-(id|transfer-encoding|location|language|md5)|delivered-to)$/

const words = (binary: string): string => encodedWords(decodeWords(binary)).join('\r\n ')

function addresses(value: string): string {
  let out = ''
  let between = ''
  for (const each of readEnvelopeAddresses(value)) {
    if ('group' in each) {
      out += each.group === null ? ';' : `${between}${phrase(each.group)}:`
      between = each.group === null ? ',\r\n ' : ' '
    } else {
      out += `${between}${address(each)}`
      between = ',\r\n '
    }
  }
  return out
}

/** Where mail to an address that cannot be written goes: nowhere, and it says so (RFC 6858 §2.1, RFC 2606). */
const nowhere = 'invalid@internationalized-address.invalid'

function address({ name = '', mailbox, host }: Exclude<EnvelopeAddress, { group: unknown }>): string {
  // A domain has an ASCII form (RFC 5890); a local part has none.
  const domain = isPlain(host) ? host : domainToASCII(decodeWords(host))
  const local = /^[!#-'*+/-9=?A-Z^-~.-]*$/.test(mailbox) ? mailbox : `"${mailbox.replaceAll(/["\\]/g, '\\$&')}"`
  const shown = name === '' ? '' : `${phrase(name)} `
  if (isPlain(mailbox) && (host === '' || domain !== '')) return `${shown}<${local}${host === '' ? '' : `@${domain}`}>`
  return `${words(`${name === '' ? '' : `${name} `}${mailbox}@${host}`)} <${nowhere}>`
}

function phrase(binary: string): string {
  if (!isPlain(binary) || binary.includes('=?')) return words(binary)
  return `"${binary.replaceAll(/["\\]/g, '\\$&')}"`
}

/** RFC 2231: `name*` with percent signs, in pieces where it is long. */
function parameterised(field: string, written: string): string {
  const { value, pairs } = readParameterised(written)
  if (!isPlain(value)) return ''
  const lines = pairs.flatMap(([name, text]) => {
    if (isPlain(text)) return [`${name}="${text.replaceAll(/["\\]/g, '\\$&')}"`]
    if (name.includes('*')) return [`${name}=${text.replaceAll(/[^\x00-\x7f]/g, percent)}`]
    // It stands beside the plain form that old programs write: the same in better words.
    if (pairs.some(([other]) => other.startsWith(`${name}*`))) return []
    const pieces = percented(decodeWords(text))
    return pieces.length === 1 ? [`${name}*=${pieces[0]}`] : pieces.map((piece, i) => `${name}*${i}*=${piece}`)
  })
  return `${[`${field}: ${value}`, ...lines].join(';\r\n ')}\r\n`
}

/** In pieces that leave a line below 76 characters; no letter is cut in two. */
function percented(text: string): string[] {
  const pieces: string[] = []
  let piece = "utf-8''"
  for (const letter of text) {
    const octets = Buffer.from(letter).toString('latin1')
    const written = octets.replaceAll(/[^A-Za-z0-9._-]/g, percent)
    if (piece.length + written.length > 54) {
      pieces.push(piece)
      piece = ''
    }
    piece += written
  }
  return [...pieces, piece]
}

/** @param octet one character an octet */
const percent = (octet: string): string => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

export const isAscii = (octets: Uint8Array): boolean => !octets.some((c) => c > 127)

const utf8 = new TextDecoder('utf-8', { fatal: true })
function isUtf8(octets: Uint8Array): boolean {
  try {
    utf8.decode(octets)
    return true
  } catch {
    return false
  }
}

function lineEnd(octets: Buffer, from: number): number {
  const lf = octets.indexOf(10, from)
  return lf < 0 ? octets.length : lf + 1
}
