/**
 * Distinct words of one text that the full-text index takes. A law has 4,000; a table of 20,000 telephone numbers still fits. A message
 * made of random words would otherwise fill the vocabulary that every search of parts of words looks through.
 */
const MAX_WORDS = 20_000

/**
 * How many characters of a folded text the index shall know, so that it gets at most MAX_WORDS distinct words; undefined: all of them.
 * A text that is cut is looked at by every search of its accounts, so nothing in it is missed.
 */
export function indexedLength(folded: string): number | undefined {
  if (folded.length < 2 * MAX_WORDS) return undefined // not even words of one letter are so many
  const seen = new Set<string>()
  const word = /[\p{L}\p{N}\p{Co}]+/gu
  for (let m = word.exec(folded); m; m = word.exec(folded)) {
    if (seen.size >= MAX_WORDS && !seen.has(m[0])) return m.index
    seen.add(m[0])
  }
  return undefined
}
