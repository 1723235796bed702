/**
 * Sequence sets (RFC 9051 §9, sequence-set): "1:4,7,*:9", and "$" of SEARCHRES. Read first, resolved later
 * against the selected mailbox. Either side of ":" may be "*", the order does not matter.
 */
import { maxSetRanges } from '../limits.ts'
import { BadSyntax, type Scanner } from './scanner.ts'

/** Infinity stands for "*". */
export type SequenceSet = { saved: true } | { saved: false; ranges: [from: number, to: number][] }

export function readSequenceSet(scanner: Scanner): SequenceSet {
  const text = scanner.upTo(' )')
  if (text === '$') return { saved: true }
  const ranges: [number, number][] = []
  for (let at = 0; ; ) {
    const comma = text.indexOf(',', at)
    const part = comma === -1 ? text.slice(at) : text.slice(at, comma)
    if (ranges.length >= maxSetRanges) throw new BadSyntax(`a sequence set may have ${maxSetRanges} ranges`)
    const colon = part.indexOf(':')
    const from = readNumber(colon === -1 ? part : part.slice(0, colon))
    const to = colon === -1 ? from : readNumber(part.slice(colon + 1))
    ranges.push(from <= to ? [from, to] : [to, from])
    if (comma === -1) return { saved: false, ranges }
    at = comma + 1
  }
}

function readNumber(text: string): number {
  if (text === '*') return Infinity
  const n = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0
  if (n === 0 || n > 0xffff_ffff) throw new BadSyntax('a sequence set is not well formed')
  return n
}

/** Could this text be a sequence set? For SEARCH, where it stands among keywords. */
export const looksLikeSet = (char: number | undefined) =>
  char !== undefined && ((char >= 48 && char <= 57) || char === 42 || char === 36)

/** "1:3,7" from ascending numbers, as COPYUID, MODIFIED and ESEARCH want it. */
export const formatSet = (ascending: Iterable<number>): string => [...setParts(ascending)].join(',')

/** The same piece by piece; numbers in another order keep it. */
export function* setParts(numbers: Iterable<number>): Generator<string> {
  let from = 0
  let to = 0
  for (const n of numbers) {
    if (from && n === to + 1) {
      to = n
      continue
    }
    if (from) yield formatRange(from, to)
    from = to = n
  }
  if (from) yield formatRange(from, to)
}

export const formatRange = (from: number, to: number): string => (from === to ? `${from}` : `${from}:${to}`)
