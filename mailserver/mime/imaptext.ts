/**
 * Strings as IMAP writes them (RFC 9051 §4.3, RFC 3501 §4.3). The result is Unicode and is written as UTF-8: literal
 * counts are of its UTF-8 octets. Quoted strings are kept to ASCII, which every client reads; the rest is a literal.
 */
import { guessBinary } from '#mailserver/mime/charset.ts'

/** Longer quoted strings overflow the line buffers of old clients; a literal has no such bound. */
const MAX_QUOTED = 1000

/** @param binary one character an octet */
export function nstring(binary: string | undefined): string {
  return binary === undefined ? 'NIL' : imapString(binary)
}

export function imapString(binary: string): string {
  if (binary.length <= MAX_QUOTED && /^[\t !#-[\]-~]*$/.test(binary)) return `"${binary}"` // nearly all
  const text = guessBinary(binary).replaceAll(/[\0\r\n]/g, '')
  if (text.length <= MAX_QUOTED && /^[\t\x20-\x7e]*$/.test(text)) return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  return `{${Buffer.byteLength(text)}}\r\n${text}`
}
