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
      if (text === '' || (part.type === 'text/html' && says(texts.at(-1) ?? '', text))) return
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

/** Whether all words of the second stand in the first; its first ones mostly tell already. */
function says(text: string, other: string): boolean {
  const first = other.slice(0, 100).split(/\s/).slice(0, -1) // the last may be cut
  return follow(text, first.filter(Boolean)) && words(text).includes(words(other))
}

/** Places that are tried before the whole is compared. */
const MAX_TRIES = 1000

/** Whether the words may stand somewhere in the text one after the other. */
function follow(text: string, [head = '', ...rest]: readonly string[]): boolean {
  let at = text.indexOf(head)
  for (let tries = 0; at !== -1 && tries < MAX_TRIES; tries++) {
    let end = at + head.length
    const all = rest.every((word) => {
      while (/\s/.test(text.charAt(end))) end++
      const there = text.startsWith(word, end)
      end += word.length
      return there
    })
    if (all) return true
    at = text.indexOf(head, at + 1)
  }
  return at !== -1
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
  const { length } = body
  let n = 0
  for (let at = 0; at < length; at++) {
    const c = body[at]!
    if (c !== 61) {
      out[n++] = c
      continue
    }
    const high = at + 2 < length ? hexDigits[body[at + 1]!]! : -1
    const low = high < 0 ? -1 : hexDigits[body[at + 2]!]!
    if (low >= 0) {
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

/** Of each octet; -1: none. */
const hexDigits = Int8Array.from({ length: 256 }, (_, c) => {
  const digit = Number.parseInt(String.fromCharCode(c), 16)
  return Number.isNaN(digit) ? -1 : digit
})
