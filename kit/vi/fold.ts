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
  return foldEach(text) ?? plain(text).replaceAll(/\s+/g, ' ').trim()
}

/** Folded, but for spaces. Every character folds alone: marks vanish, so their order does not matter, and ς is σ wherever it stands. */
const plain = (text: string): string =>
  lookAlike(text.normalize('NFKD').toLowerCase()).replaceAll('đ', 'd').replaceAll('ς', 'σ').replaceAll(marks, '')

/** Halves of characters beyond the BMP, which no code unit folds to alone. */
const UNKNOWN = 0xd800
const NOTHING = 0xd801
const SEVERAL = 0xd802
/** What each code unit folds to, learned at first sight: a code unit, or one of these. */
const learned = new Uint16Array(0x1_0000).fill(UNKNOWN)
const SPACE = 32
const several = new Map<number, string>()

function learn(unit: number): number {
  const folded = plain(String.fromCharCode(unit)).replaceAll(/\s/g, ' ')
  if (folded.length > 1) several.set(unit, folded)
  const code = folded === '' ? NOTHING : folded.length > 1 ? SEVERAL : folded.charCodeAt(0)
  learned[unit] = code
  return code
}

/** Where the usual text is written; nothing is kept in it. */
const scratch = new Uint16Array(64 * 1024)

/** By the table: a fifth of the time of the passes of `plain`, for every text of every mail. @returns undefined for what needs two code units (emoji) */
function foldEach(text: string): string | undefined {
  const { length } = text
  let out = length + 16 <= scratch.length ? scratch : new Uint16Array(length + 16)
  let n = 0
  let space = false
  let wide = 0
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at)
    let code = learned[unit]!
    if (code >= UNKNOWN) {
      if ((unit & 0xf800) === 0xd800) return undefined
      if (code === UNKNOWN) code = learn(unit)
      if (code === NOTHING) continue
      if (code === SEVERAL) {
        const units = several.get(unit)!
        // what follows takes one place for each unit, and a space may be due
        const needed = n + 1 + 2 * units.length + (length - at)
        if (needed > out.length) {
          const larger = new Uint16Array(2 * needed)
          larger.set(out.subarray(0, n))
          out = larger
        }
        for (let i = 0; i < units.length; i++) {
          const one = units.charCodeAt(i)
          if (one === SPACE) space = n > 0
          else {
            if (space) out[n++] = SPACE
            space = false
            out[n++] = one
            wide |= one
          }
        }
        continue
      }
    }
    if (code === SPACE) {
      space = n > 0
      continue
    }
    if (space) {
      out[n++] = SPACE
      space = false
    }
    out[n++] = code
    wide |= code
  }
  const octets = Buffer.from(out.buffer, 0, n * 2)
  if (wide > 0xff) return octets.toString('utf16le')
  // in place: each octet comes from behind where it goes
  for (let at = 0; at < n; at++) octets[at] = out[at]!
  return octets.toString('latin1', 0, n)
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
