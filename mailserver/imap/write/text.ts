/** Strings as the grammar wants them (RFC 9051 §9): quoted where possible, literals otherwise. */
import { encodeUtf7 } from '../parse/utf7.ts'

/** A string for an answer: NUL, CR, LF and 8-bit text make it a literal, whose octets are UTF-8. */
export function imapString(text: string): string {
  if (text.length < 1000 && /^[\x20-\x7e]*$/.test(text)) return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  return `{${Buffer.byteLength(text)}}\r\n${text}`
}

/** A mailbox name: UTF-8 in quotes for clients that enabled it (RFC 9051 §5.1), else modified UTF-7. */
export function mailboxName(name: string, utf8: boolean): string {
  return `"${(utf8 ? name : encodeUtf7(name)).replaceAll(/["\\]/g, '\\$&')}"`
}
