/** SASLprep (RFC 4013): the one form of names and secrets that both sides hash, however a keyboard made the letters. */
import { fromLeft, fromRight, isIn, prohibited, unassigned } from './stringprep.ts'

/**
 * @param q `unassigned`: code points newer than Unicode 3.2 (emoji): refused in what is stored, and in SCRAM on both sides (RFC
 * 5802 §2.2); allowed in what is asked (RFC 3454 §7)
 * @returns undefined when the text is refused (§2.3 to §2.5)
 */
export function saslPrepared(text: string, q: { unassigned: 'refused' | 'allowed' }): string | undefined {
  if (/^[ -~]*$/.test(text)) return text
  // RFC 3454 §3: C.1.2 becomes a space, B.1 nothing; U+200B is in both, and a space (§2.1 names that first)
  const form = text
    .replaceAll(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu, ' ')
    .replaceAll(/\u00ad|\u034f|\u1806|\u180b|\u180c|\u180d|\u200c|\u200d|\u2060|\ufeff|[\ufe00-\ufe0f]/gu, '')
    .normalize('NFKC')
  const points = Array.from(form, (c) => c.codePointAt(0)!)
  const has = (table: Uint32Array) => points.some((point) => isIn(table, point))
  if (has(prohibited) || (q.unassigned === 'refused' && has(unassigned))) return undefined
  // RFC 3454 §6
  if (has(fromRight) && (has(fromLeft) || !isIn(fromRight, points[0]!) || !isIn(fromRight, points.at(-1)!)))
    return undefined
  return form
}
