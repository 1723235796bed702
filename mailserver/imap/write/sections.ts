/**
 * BODY[…] by offsets: which octets of a message a section names (RFC 9051 §6.4.5). Pure but for the header
 * fields, which are picked from octets that the caller gives. Nothing here parses MIME: delivery did.
 */
import type { MimePart } from '#mailserver/mime/part.ts'
import type { Section } from '../parse/fetch.ts'

export type Span = { from: number; to: number }
const empty: Span = { from: 0, to: 0 }

/**
 * The part with this number, or undefined. "" is the message; "1" of a single-part message is its body.
 * Below message/rfc822 the numbers go on inside the nested message (its first child is that message).
 */
export function findPart(root: MimePart, number: string): MimePart | undefined {
  let part: MimePart | undefined = root
  if (number === '') return part
  for (const n of number.split('.').map(Number)) {
    if (!part) return undefined
    const message: MimePart = part === root ? root : (nested(part) ?? part)
    if (message.type.startsWith('multipart/') && message.children.length) part = message.children[n - 1]
    // The body of a message that is not multipart is its part 1; other parts have none below them.
    else if (n === 1 && (message === root || message !== part)) part = message === root ? bodyOf(root) : bodyOf(message)
    else return undefined
  }
  return part
}

/** A part that stands for the body of a single-part message: same octets, but its MIME header is the message's. */
const bodies = new WeakMap<MimePart, MimePart>()
function bodyOf(message: MimePart): MimePart {
  let body = bodies.get(message)
  if (!body) {
    body = { ...message, number: '1' }
    bodies.set(message, body)
  }
  return body
}

/** The message inside a message/rfc822 part. */
export function nested(part: MimePart): MimePart | undefined {
  return part.type === 'message/rfc822' || part.type === 'message/global' ? part.children[0] : undefined
}

/**
 * @returns the octets that the section names; for header fields, the whole header to pick from;
 * undefined when the message has no such part (answered NIL)
 */
export function spanOf(root: MimePart, { part: number, text }: Section): Span | undefined {
  const part = findPart(root, number)
  if (!part) return undefined
  if (text === 'mime') return { from: part.headerStart, to: part.headerEnd }
  if (text === 'all')
    return number === '' ? { from: root.headerStart, to: root.bodyEnd } : { from: part.bodyStart, to: part.bodyEnd }
  const message = number === '' ? root : nested(part)
  if (!message) return empty // HEADER and TEXT of what is no message are empty strings
  return text === 'text'
    ? { from: message.bodyStart, to: message.bodyEnd }
    : { from: message.headerStart, to: message.headerEnd }
}

/** The fields asked for (or all others), as they stand, and the empty line that ends a header (RFC 9051 §6.4.5.1). */
export function pickFields(header: Uint8Array, fields: readonly string[], wanted: boolean): Buffer {
  const names = new Set(fields)
  const octets = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  const picked: Buffer[] = []
  let from = 0
  let take = false
  let end = 0
  while (from < octets.length) {
    const lf = octets.indexOf(10, from)
    end = lf === -1 ? octets.length : lf + 1
    const first = octets[from]!
    if (first === 10 || (first === 13 && octets[from + 1] === 10)) break
    if (first !== 32 && first !== 9) {
      const colon = octets.subarray(from, end).indexOf(58)
      const name =
        colon === -1
          ? ''
          : octets
              .toString('latin1', from, from + colon)
              .trimEnd()
              .toLowerCase()
      take = names.has(name) === wanted
    }
    if (take) picked.push(octets.subarray(from, end))
    from = end
  }
  picked.push(Buffer.from('\r\n'))
  return Buffer.concat(picked)
}

/** RFC 9051 §6.4.5: beyond the end is the empty string, a longer count ends at the end. */
export function cut(span: Span, partial: { from: number; count: number } | undefined): Span {
  if (!partial) return span
  const from = Math.min(span.from + partial.from, span.to)
  return { from, to: Math.min(from + partial.count, span.to) }
}
