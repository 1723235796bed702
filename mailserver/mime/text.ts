/**
 * Text for search: the decoded text parts of a message, HTML without its tags, then the names of its files, within `MAX_TEXT`. What
 * the files say is read later, elsewhere (mailserver/filetext).
 */
import { decodeCharset } from '#mailserver/mime/charset.ts'
import { filesOf } from '#mailserver/mime/files.ts'
import { htmlText } from '#mailserver/mime/html.ts'
import { MAX_TEXT, MAX_TEXT_OCTETS } from '#mailserver/mime/limits.ts'
import type { MimePart } from '#mailserver/mime/part.ts'

export function searchText(raw: Buffer, root: MimePart): string {
  const texts: string[] = []
  let octets = MAX_TEXT_OCTETS
  let room = MAX_TEXT
  function visit(part: MimePart): void {
    if (octets <= 0 || room <= 0) return
    if (part.type.startsWith('text/')) {
      const end = Math.min(part.bodyEnd, part.bodyStart + octets)
      octets -= end - part.bodyStart
      const text = partText(part, raw.subarray(part.bodyStart, end)).slice(0, room)
      // The HTML of an alternative mostly says what its plain text says: index that once.
      if (text === '' || (part.type === 'text/html' && words(texts.at(-1) ?? '').includes(words(text)))) return
      texts.push(text)
      room -= text.length
    }
    for (const child of part.children) visit(child)
  }
  visit(root)
  return [...texts, fileNames(root).slice(0, room)].filter((t) => t !== '').join('\n')
}

/** One name a line. */
export const fileNames = (root: MimePart): string =>
  filesOf(root)
    .map((f) => f.name)
    .filter((n) => n !== '')
    .join('\n')

function partText(part: MimePart, body: Buffer): string {
  const text = decodeCharset(undone(body, part.encoding), part.parameters['charset'] ?? '').replaceAll('\0', '')
  return part.type === 'text/html' ? htmlText(text) : text.replaceAll('\r\n', '\n').trim()
}

function words(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** Undoes a transfer encoding (RFC 2045 §6), skipping what does not belong. */
export function undone(body: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64')
  if (encoding === 'quoted-printable') return unquoted(body)
  return body
}

function unquoted(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(body.length)
  let n = 0
  for (let at = 0; at < body.length; at++) {
    const c = body[at]!
    if (c !== 61) {
      out[n++] = c
      continue
    }
    const high = hexDigit(body[at + 1])
    const low = hexDigit(body[at + 2])
    if (high >= 0 && low >= 0) {
      out[n++] = high * 16 + low
      at += 2
      continue
    }
    // Soft line break, perhaps with spaces that a relay added before the end of line.
    let end = at + 1
    while (body[end] === 32 || body[end] === 9) end++
    if (body[end] === 13) end++
    if (end >= body.length || body[end] === 10) at = end
    else out[n++] = c
  }
  return out.subarray(0, n)
}

function hexDigit(c: number | undefined): number {
  if (c === undefined) return -1
  if (c >= 48 && c <= 57) return c - 48
  const lower = c | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
