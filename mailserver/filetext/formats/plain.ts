/** Text files, in any charset, and HTML files. */
import { guessLegacy, type Legacy } from '#kit/vi/legacy.ts'
import { decodeCharset, guess } from '#mailserver/mime/charset.ts'
import { htmlText } from '#mailserver/mime/html.ts'
import { MAX_FILE_TEXT } from '../limits.ts'

/** Octets that can give the text that is kept: UTF-16 of it, or HTML of several times its text. */
const MAX_READ = 8 * MAX_FILE_TEXT

export function plainText(octets: Buffer, charset = ''): string {
  return decode(octets.subarray(0, MAX_READ), charset)
}

export function htmlFileText(octets: Buffer, charset = ''): string {
  const head = octets.subarray(0, 2048).toString('latin1')
  const declared = /charset\s*=\s*["']?([\w-]{2,40})/i.exec(head)?.[1] ?? charset
  const html = decode(octets.subarray(0, MAX_READ), declared)
  const hint: Legacy | undefined = /["':\s]\.vn[a-z]/i.test(html)
    ? 'tcvn3'
    : /["':\s]vni-/i.test(html)
      ? 'vni'
      : undefined
  return htmlText(html)
    .split('\n')
    .map((line) => guessLegacy(line, hint))
    .join('\n')
}

function decode(octets: Buffer, charset: string): string {
  if (octets[0] === 0xff && octets[1] === 0xfe) return utf16(octets, 'utf-16le')
  if (octets[0] === 0xfe && octets[1] === 0xff) return utf16(octets, 'utf-16be')
  const zeros = octets.subarray(0, 1000).filter((o) => o === 0).length
  if (zeros > octets.subarray(0, 1000).length * 0.3) return utf16(octets, octets[0] === 0 ? 'utf-16be' : 'utf-16le')
  return (charset ? decodeCharset(octets, charset) : guess(octets)).replaceAll('\0', '')
}

const utf16 = (octets: Buffer, name: string): string => new TextDecoder(name).decode(octets).normalize('NFC')

/** Mostly letters: what has no known kind is read as text only then. */
export function looksText(octets: Buffer): boolean {
  const head = octets.subarray(0, 4096)
  if (head.length === 0) return false
  const odd = head.filter((o) => o < 9 || (o > 13 && o < 32 && o !== 27)).length
  if (head[0] === 0xff && head[1] === 0xfe) return true
  return odd / head.length < 0.01
}
