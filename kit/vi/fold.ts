/**
 * The search key of a Vietnamese text (domain.md §8.1): NFC, lower case, đ→d, without marks, spaces collapsed.
 * `đ` has no Unicode decomposition, so it is mapped by hand. Both tone placements (hòa, hoà) fold to the same.
 */
export function fold(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('đ', 'd')
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
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
