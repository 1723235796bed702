import { fold, markedForm } from '#kit/vi/fold.ts'

/**
 * One search string. RFC 9051 §6.4.4 asks for substrings without regard to case. A word without marks finds any marks; a word with marks
 * finds those marks, whatever the tone placement (hòa, hoà) and the normalisation. So "Quyết định so 15" finds "số 15".
 */
export type Needle = {
  folded: string
  marked?: RegExp
  /** as it was typed, when marks count: most texts that have it have just this */
  typed: string
}

/**
 * Characters of a phrase in which marks count. A text of a million letters that begins like the phrase everywhere costs this many
 * steps for each letter; what stands behind them is found with any marks.
 */
const MARKED_LENGTH = 100

/** As typed, of 64 KB at most. */
export function needleOf(value: string): Needle {
  const folded = fold(value)
  const words = Array.from(markedForm(value).slice(0, 2 * MARKED_LENGTH))
    .slice(0, MARKED_LENGTH)
    .join('')
    .trim()
    .split(/\s+/)
  const typed = value.normalize('NFC').trim()
  if (words.every((w) => w === fold(w))) return { folded, typed }
  return { folded, typed, marked: new RegExp(words.map(wordPattern).join(' '), 'u') }
}

/** The marked form is NFC: one letter, one code point. */
function wordPattern(word: string): string {
  if (word !== fold(word)) return escaped(word)
  return Array.from(word, (c) => anyMarks.get(c) ?? escaped(c)).join('')
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** For each letter a class of all that fold to it. */
const anyMarks = new Map(
  Array.from('aeiouyd', (base) => {
    const tones = ['', '\u0300', '\u0301', '\u0303', '\u0309', '\u0323']
    const shapes = { a: ['', '\u0302', '\u0306'], e: ['', '\u0302'], o: ['', '\u0302', '\u031b'], u: ['', '\u031b'] }
    const all = (shapes[base as 'a'] ?? ['']).flatMap((s) => tones.map((t) => `${base}${s}${t}`.normalize('NFC')))
    return [base, `[${base === 'd' ? 'dđ' : all.filter((c) => c.length === 1).join('')}]`] as const
  }),
)

/** A text to be searched: as it was folded at delivery, and itself, needed for needles with marks; its `markedText` where that is kept. Each is read when it is asked for. */
export type Haystack = { folded: () => string; exact: () => string; marked?: () => string }

/** The marked form in which needles look for marks, every space and line break one space. */
export const markedText = (exact: string): string => markedForm(exact).replaceAll(/\s+/g, ' ')

export function holds(h: Haystack, n: Needle): boolean {
  if (n.marked === undefined) return h.folded().includes(n.folded)
  const exact = h.exact()
  if (hasAsTyped(exact, n.typed)) return true
  // the marked form of a long text costs more than all else
  return h.folded().includes(n.folded) && n.marked.test(h.marked?.() ?? markedText(exact))
}

/** A mark behind it would change its last letter. */
function hasAsTyped(text: string, typed: string): boolean {
  const at = text.indexOf(typed)
  return at >= 0 && !/^\p{M}/u.test(text.slice(at + typed.length, at + typed.length + 1))
}

/** Values of fields that were asked for, by form and name: a header is taken apart once for each, not once for each key. */
export type Fields = Map<string, readonly string[]>

/** A field of that name whose value holds the needle; an empty needle asks only for the field (RFC 9051 §6.4.4 HEADER). */
export function holdsField(h: Haystack, fields: Fields, name: string, n: Needle): boolean {
  const { marked } = n
  const values = (form: string, make: () => string[]): readonly string[] => {
    const key = `${form} ${name}`
    const known = fields.get(key) ?? make()
    fields.set(key, known)
    return known
  }
  if (marked === undefined)
    return values('folded', () => fieldValues(h.folded(), name)).some((v) => v.includes(n.folded))
  return values('marked', () => fieldValues(h.exact(), name).map(markedText)).some((v) => marked.test(v))
}

/** In the marked form the tone of such a letter may stand on the next one. */
const tonedAtEnd = /[òóỏõọùúủũụ]$/i

/** As a test of `markedText`, which costs ten times the look for the very letters that nearly every value has. */
export const hasMarks = (value: string, { marked, typed }: Needle & { marked: RegExp }): boolean =>
  (!tonedAtEnd.test(typed) && hasAsTyped(value.toLowerCase(), typed.toLowerCase())) || marked.test(markedText(value))

function fieldValues(lines: string, name: string): string[] {
  const start = `${name.toLowerCase()}:`
  return lines
    .split('\n')
    .filter((l) => l.length >= start.length && l.slice(0, start.length).toLowerCase() === start)
    .map((l) => l.slice(start.length))
}

/** A recipient's own header lines as the rest of the header is kept for search. */
export function prefixLines(prefix: Uint8Array): string {
  return Buffer.from(prefix)
    .toString('utf8')
    .replaceAll(/\r?\n(?=[ \t])/g, '')
    .replaceAll('\r', '')
}
