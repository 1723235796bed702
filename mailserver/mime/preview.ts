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
  const look = text.slice(0, MAX_LOOK).toWellFormed()
  const all = (
    firstWords(look, (line, next) => !/^\s*>/.test(line) && !introduces(line, next())) || firstWords(look)
  ).slice(0, ENOUGH)
  let end = 0
  for (let n = 0; n < MAX_PREVIEW && end < all.length; n++) end += widthAt(all, end)
  // not between a letter and its mark
  while (end > 0 && /^\p{M}/u.test(all.slice(end, end + 2))) end -= isLow(all, end - 1) ? 2 : 1
  return all.slice(0, end).trimEnd()
}

const isLow = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00
const widthAt = (text: string, at: number): number => (text.codePointAt(at)! > 0xffff ? 2 : 1)

/** On one line, from as many lines as are needed: most messages have their preview in the first two. */
function firstWords(text: string, counts: (line: string, next: () => string) => boolean = () => true): string {
  let words = ''
  for (let at = 0; at <= text.length && words.length < ENOUGH; ) {
    const end = lineEnd(text, at)
    const whole = text.slice(at, end)
    const line = counts(whole, () => text.slice(end + 1, lineEnd(text, end + 1)))
      ? oneLine(whole.slice(0, MAX_LINE))
      : ''
    if (line !== '') words += words === '' ? line : ` ${line}`
    at = end + 1
  }
  return words
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

/** "Ngày … đã viết:" before a quote */
const introduces = (line: string, next: string): boolean => /:\s*$/.test(line) && /^\s*>/.test(next)

/** Most lines are as they shall be: to look costs less than to write them again. */
const oneLine = (text: string): string =>
  (/[^\S ]|[\p{Cc}\u200b\u2060\ufeff\u00ad]|\u034f| {2}/u.test(text)
    ? text.replaceAll(/(?:[\s\p{Cc}\u200b\u2060\ufeff\u00ad]|\u034f)+/gu, ' ')
    : text
  ).trim()
