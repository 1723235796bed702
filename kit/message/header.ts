import libmime from 'libmime'
import { MAX_HEADER_OCTETS } from '#kit/message/contract.ts'
import { Refusal } from '#kit/refusal.ts'

/** One field: name as written, and its value unfolded, encoded words not undone. */
export type Field = { name: string; value: string }

/**
 * The header of a message, lenient: for deciding what kind of mail it is. Lines that are no field are left out.
 * Reads at most `MAX_HEADER_OCTETS`.
 */
export function peekHeader(raw: Uint8Array): Field[] {
  const window = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, MAX_HEADER_OCTETS))
  return unfold(window.toString('utf8', 0, emptyLine(window))).flatMap((line) => {
    const m = /^([!-9;-~]+)[ \t]*:(.*)$/s.exec(line)
    return m ? [{ name: m[1]!, value: m[2]!.trim() }] : []
  })
}

/** Where the line before the first empty one ends, or all; a string of all would be most of the message. */
function emptyLine(octets: Buffer): number {
  for (let lf = octets.indexOf(0x0a); lf >= 0; lf = octets.indexOf(0x0a, lf + 1)) {
    const next = octets[lf + 1]
    if (next === 0x0a || (next === 0x0d && octets[lf + 2] === 0x0a)) return octets[lf - 1] === 0x0d ? lf - 1 : lf
  }
  return octets.length
}

/**
 * The header of a sealed message or of one of its parts, strict: CRLF lines, names without space before the colon, no control
 * characters, nothing that two parsers could read differently (RFC 5322 §2.2).
 *
 * @returns fields in order, and the offset of the first octet after the empty line
 * @throws Refusal 422
 */
export function readHeader(raw: Uint8Array): { fields: Field[]; bodyStart: number } {
  const window = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, MAX_HEADER_OCTETS))
  if (window[0] === 0x0d && window[1] === 0x0a) return { fields: [], bodyStart: 2 }
  const end = window.indexOf('\r\n\r\n')
  if (end < 0) throw broken('header does not end within its limit')
  const text = utf8(window.subarray(0, end))
  if (/[^\r]\n|\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text))
    throw broken('control character or bare line break in header')
  const fields = unfold(text).map((line) => {
    const m = /^([!-9;-~]+):(.*)$/s.exec(line)
    if (!m) throw broken(`not a header field: ${line.slice(0, 60)}`)
    return { name: m[1]!, value: m[2]!.trim() }
  })
  return { fields, bodyStart: end + 4 }
}

export function values(fields: readonly Field[], name: string): string[] {
  const wanted = name.toLowerCase()
  return fields.filter((f) => f.name.toLowerCase() === wanted).map((f) => f.value)
}

/** The field's value, or undefined. @throws Refusal 422 when it is there twice */
export function single(fields: readonly Field[], name: string): string | undefined {
  const all = values(fields, name)
  if (all.length > 1) throw broken(`${name} is there ${all.length} times`)
  return all[0]
}

/** Undoes encoded words (RFC 2047); NFC. */
export function decoded(value: string): string {
  return libmime.decodeWords(value).normalize('NFC')
}

export type Parameterised = { value: string; params: Record<string, string> }

/**
 * A structured field such as Content-Type; RFC 2231 continuations joined and decoded.
 * @throws Refusal 422 when a parameter is given twice: mail programs differ in which one they take
 */
export function parameterised(field: string, name: string): Parameterised {
  const names = [...field.matchAll(/;\s*([a-z0-9-]+)(\*\d*\*?)?\s*=/gi)].map(
    (m) => `${m[1]!.toLowerCase()}${m[2] ?? ''}`,
  )
  if (new Set(names).size !== names.length) throw broken(`${name} has a parameter twice`)
  const parsed = libmime.parseHeaderValue(field) as { value: string; params: Record<string, string> }
  return { value: parsed.value.toLowerCase(), params: parsed.params }
}

/** @throws Refusal 422 when the octets are not UTF-8 */
export function utf8(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch (cause) {
    throw broken('not UTF-8', cause)
  }
}

export function broken(why: string, cause?: unknown): Refusal {
  return new Refusal(
    422,
    'Thư này không đúng khuôn dạng nên chưa được xử lý. Lập lại trên trang làm việc rồi gửi.',
    why,
    { cause },
  )
}

function unfold(text: string): string[] {
  return text.replaceAll(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)
}
