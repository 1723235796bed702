/** Characters that nobody sees: soft hyphen, zero-width spaces and joiners, marks of direction, variation selectors, BOM. */
const unseen = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|[\ufe00-\ufe0f]/g
const marks = /[\u0300-\u036f]/g
const ascii = /^[\x00-\x7f]*$/

/**
 * Signs that look alike become one: programs turn a typed - into – and ' into ’, and Ð (eth), Ɖ stand where Đ was meant. NFKD has made full-width
 * letters, ligatures, NBSP and the like plain before.
 */
function lookAlike(text: string): string {
  return text
    .replaceAll(unseen, '')
    .replaceAll(/[ðɖ]/g, 'đ')
    .replaceAll(/[\u2010-\u2015\u2212\u2043\u02d7]/g, '-')
    .replaceAll(/[\u2018-\u201b\u2032\u02b9\u02bc`]/g, "'")
    .replaceAll(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"')
    .replaceAll(/[\u2044\u2215]/g, '/')
}

/**
 * The search key of a Vietnamese text (domain.md §8.1), for what is searched and what is asked: lower case, đ→d, without marks, look-alike
 * signs as one, spaces collapsed. `đ` has no Unicode decomposition, so it is mapped by hand. NFC, NFD and both tone
 * placements (hòa, hoà) fold to the same.
 */
export function fold(text: string): string {
  if (ascii.test(text)) return text.toLowerCase().replaceAll('`', "'").replaceAll(/\s+/g, ' ').trim()
  return lookAlike(text.normalize('NFKD').toLowerCase())
    .replaceAll('đ', 'd')
    .replaceAll(marks, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/**
 * The text as it is compared when marks count: as `fold`, with the marks kept, and the tone on the second vowel of oa, oe, uy
 * (hòa becomes hoà). Line breaks stay.
 *
 * @returns NFC
 */
export function markedForm(text: string): string {
  if (ascii.test(text))
    return text
      .toLowerCase()
      .replaceAll('`', "'")
      .replaceAll(/[^\S\n]+/g, ' ')
  return lookAlike(text.normalize('NFKD').toLowerCase())
    .replaceAll(/([ou])([\u0300\u0301\u0303\u0309\u0323])([aey])(?![\u0302\u0306\u031b])/g, '$1$3$2')
    .normalize('NFC')
    .replaceAll(/[^\S\n]+/g, ' ')
}

/** Folded words of a text; `/`, `-`, `.` and other signs part words, so "15/QĐ-STTTT" gives 15, qd, sttt. */
export const foldedWords = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? []

/**
 * How well a text answers a query: 2 when it holds the query as written (with its marks), 1 when every word
 * of the query begins some word of the text after folding, 0 when not.
 */
export function matches(text: string, query: string): 0 | 1 | 2 {
  const exact = query.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
  if (exact === '') return 2
  if (text.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').includes(exact)) return 2
  const words = foldedWords(text)
  return foldedWords(query).every((q) => words.some((w) => w.startsWith(q))) && foldedWords(query).length > 0 ? 1 : 0
}
