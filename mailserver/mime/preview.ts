/** The first words of a message for lists (RFC 8970): what its writer wrote, without what is quoted. */

/** RFC 8970 §3.1 allows 256 characters and recommends 200. */
const MAX_PREVIEW = 200
/** Text looked at: quotes before the first own words are rarely longer. */
const MAX_LOOK = 16 * 1024

/** Code units that hold so many characters with all their marks. */
const ENOUGH = MAX_PREVIEW * 4
/** A paragraph on one line is looked at so far: white space and marks that nobody sees may fill the beginning. */
const MAX_LINE = 4 * ENOUGH

/** @param text decoded, tags removed */
export function previewOf(text: string): string {
  const lines = text.slice(0, MAX_LOOK).toWellFormed().split('\n')
  const all =
    firstWords(lines, (line, i) => !/^\s*>/.test(line) && !introduces(line, lines[i + 1] ?? '')) || firstWords(lines)
  const characters = [...all.slice(0, ENOUGH)]
  let end = Math.min(MAX_PREVIEW, characters.length)
  // not between a letter and its mark
  while (end > 0 && end < characters.length && /^\p{M}/u.test(characters[end]!)) end--
  return characters.slice(0, end).join('').trimEnd()
}

/** On one line, from as many lines as are needed: most messages have their preview in the first two. */
function firstWords(lines: readonly string[], counts: (line: string, i: number) => boolean = () => true): string {
  let words = ''
  for (let i = 0; i < lines.length && words.length < ENOUGH; i++) {
    const line = counts(lines[i]!, i) ? oneLine(lines[i]!.slice(0, MAX_LINE)) : ''
    if (line !== '') words += words === '' ? line : ` ${line}`
  }
  return words
}

/** "Ngày … đã viết:" before a quote */
const introduces = (line: string, next: string): boolean => /:\s*$/.test(line) && /^\s*>/.test(next)

const oneLine = (text: string): string =>
  text.replaceAll(/(?:[\s\p{Cc}\u200b\u2060\ufeff\u00ad]|\u034f)+/gu, ' ').trim()
