/** Text as encoded words in UTF-8 (RFC 2047), none longer than the 75 characters of §2, no character cut in two (§5). */

/** Octets of text in one word: base64 of these and the frame come to 68 characters. */
const PIECE = 42

/** One word or more; they stand with a space or a fold between them. */
export function encodedWords(text: string): string[] {
  const words: string[] = []
  let piece = ''
  for (const c of text) {
    if (Buffer.byteLength(piece + c) > PIECE) {
      words.push(piece)
      piece = ''
    }
    piece += c
  }
  return [...words, piece].map((w) => `=?utf-8?B?${Buffer.from(w).toString('base64')}?=`)
}
