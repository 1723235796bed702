/**
 * The order of texts in lists, as a key whose code units are compared. First without marks and case, so that "đơn"
 * stands after "dân" and before "e", as a Vietnamese reader looks for it; then by the letters themselves, so that two texts have one
 * key only when i;unicode-casemap (RFC 5051) calls them equal. For ASCII both steps are that collation.
 */
import { fold } from '#kit/vi/fold.ts'

export function collationKey(text: string): string {
  const plain = casemap(text)
  if (/^[\x00-\x7f]*$/.test(text)) return plain
  return `${casemap(fold(text))}\0${plain}`
}

/** RFC 5051 §2: title case, for which JavaScript has upper case, and compatibility decomposition. */
const casemap = (text: string): string => text.toUpperCase().normalize('NFKD')
