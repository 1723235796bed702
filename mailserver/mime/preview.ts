/** The first words of a message for lists (RFC 8970): what its writer wrote, without what is quoted. */

/** RFC 8970 §3.1 allows 256 characters and recommends 200. */
const MAX_PREVIEW = 200
/** Text looked at: quotes before the first own words are rarely longer. */
const MAX_LOOK = 16 * 1024

/** @param text decoded, tags removed */
export function previewOf(text: string): string {
  const lines = text.slice(0, MAX_LOOK).toWellFormed().split('\n')
  const own = lines.filter((line, i) => !/^\s*>/.test(line) && !introduces(line, lines[i + 1] ?? ''))
  const written = oneLine(own.join(' '))
  const all = written === '' ? oneLine(lines.join(' ')) : written
  const characters = [...all.slice(0, MAX_PREVIEW * 4)]
  let end = Math.min(MAX_PREVIEW, characters.length)
  // not between a letter and its mark
  while (end > 0 && end < characters.length && /^\p{M}/u.test(characters[end]!)) end--
  return characters.slice(0, end).join('').trimEnd()
}

/** "Ngày … đã viết:" before a quote */
const introduces = (line: string, next: string): boolean => /:\s*$/.test(line) && /^\s*>/.test(next)

const oneLine = (text: string): string =>
  text.replaceAll(/(?:[\s\p{Cc}\u200b\u2060\ufeff\u00ad]|\u034f)+/gu, ' ').trim()
