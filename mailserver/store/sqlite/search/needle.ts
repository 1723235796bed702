import { fold } from '#kit/vi/fold.ts'
import { foldLines } from '../folding.ts'

/**
 * One search string. RFC 9051 §6.4.4 asks for substrings without regard to case; without marks it finds any marks, and
 * with marks it finds those marks, whatever the tone placement (hòa, hoà) and the normalisation.
 */
export type Needle = { folded: string; exact?: string }

export function needleOf(value: string): Needle {
  const folded = fold(value)
  const exact = canonical(value).trim()
  return exact === folded ? { folded } : { folded, exact }
}

/** A text to be searched: what was folded at delivery, and the text itself, needed only for needles with marks. */
export type Haystack = { folded: string; exact: () => string }

export function holds(h: Haystack, n: Needle): boolean {
  return h.folded.includes(n.folded) && (n.exact === undefined || canonical(h.exact()).includes(n.exact))
}

/** A field of that name whose value holds the needle; an empty needle asks only for the field (RFC 9051 §6.4.4 HEADER). */
export function holdsField(h: Haystack, name: string, n: Needle): boolean {
  const start = `${name.toLowerCase()}:`
  const values = (lines: string): string[] =>
    lines
      .split('\n')
      .filter((l) => l.slice(0, start.length).toLowerCase() === start)
      .map((l) => l.slice(start.length))
  const folded = values(h.folded)
  if (!folded.some((v) => v.includes(n.folded))) return false
  return n.exact === undefined || values(h.exact()).some((v) => canonical(v).includes(n.exact ?? ''))
}

/** Lower case, one space where there are several, NFC, and the tone on the second vowel of oa, oe, uy. */
function canonical(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/([ou])([\u0300\u0301\u0303\u0309\u0323])([aey])(?![\u0302\u0306\u031b])/g, '$1$3$2')
    .normalize('NFC')
    .replaceAll(/[^\S\n]+/g, ' ')
}

/** A recipient's own header lines as the rest of the header is kept for search. */
export function prefixLines(prefix: Uint8Array): { folded: string; exact: string } {
  const exact = Buffer.from(prefix)
    .toString('utf8')
    .replaceAll(/\r?\n(?=[ \t])/g, '')
    .replaceAll('\r', '')
  return { folded: foldLines(exact), exact }
}
