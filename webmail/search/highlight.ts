import { fold } from '#kit/vi/fold.ts'

export type Piece = { text: string; hit: boolean }

/** The text in pieces, those that hold one of the words (marks or not, any case) as hits. */
export function pieces(text: string, words: readonly string[]): Piece[] {
  let folded = ''
  const places: number[] = []
  let at = 0
  for (const letter of text) {
    const f = /\s/.test(letter) ? ' ' : fold(letter)
    for (let i = 0; i < f.length; i++) places.push(at)
    folded += f
    at += letter.length
  }
  places.push(text.length)
  const hits: [from: number, to: number][] = []
  for (const word of words.map(fold).filter((w) => w !== ''))
    for (let i = folded.indexOf(word); i >= 0; i = folded.indexOf(word, i + word.length))
      hits.push([places[i]!, places[i + word.length]!])
  hits.sort((a, b) => a[0] - b[0])
  const found: Piece[] = []
  let shown = 0
  for (const [from, to] of hits) {
    if (to <= shown) continue
    const start = Math.max(from, shown)
    if (start > shown) found.push({ text: text.slice(shown, start), hit: false })
    found.push({ text: text.slice(start, to), hit: true })
    shown = to
  }
  if (shown < text.length) found.push({ text: text.slice(shown), hit: false })
  return found
}
