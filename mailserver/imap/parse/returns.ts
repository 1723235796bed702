/** Result options of SEARCH and SORT (RFC 4731, RFC 5182, RFC 5267) and the ranges of PARTIAL (RFC 9394). */
import { BadSyntax, type Scanner } from './scanner.ts'

export const searchReturns = ['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE', 'PARTIAL', 'CONTEXT', 'UPDATE'] as const
export type SearchReturn = (typeof searchReturns)[number]

/** Places in a list of results, counted from 1; `last`: from the end of it. `from` is not above `to`. */
export type PartialRange = { last: boolean; from: number; to: number }
export type Returns = { returns: ReadonlySet<SearchReturn>; partial?: PartialRange }

/** `(…)` behind RETURN; none at all means ALL (RFC 4731 §3.1). */
export function readReturns(args: Scanner): Returns {
  args.space()
  const returns = new Set<SearchReturn>()
  let partial: PartialRange | undefined
  args.list(() => {
    const name = args.word('a return option')
    const option = searchReturns.find((each) => each === name)
    if (!option) throw new BadSyntax(`RETURN ${name.slice(0, 40)} is not known`)
    if (option === 'PARTIAL') {
      if (partial) throw new BadSyntax('PARTIAL may be asked for once') // RFC 9394 §3.1
      partial = readPartialRange(args)
    }
    returns.add(option)
  })
  if (partial && returns.has('ALL')) throw new BadSyntax('ALL and PARTIAL exclude one another') // RFC 9394 §3.1
  if (returns.size === 0) returns.add('ALL')
  args.space()
  return { returns, ...(partial ? { partial } : {}) }
}

/** " 1:100" or " -1:-100"; either order, no "*". */
export function readPartialRange(args: Scanner): PartialRange {
  args.space()
  const m = /^(-?)([1-9]\d{0,9}):(-?)([1-9]\d{0,9})$/.exec(args.upTo(' )'))
  const [one, other] = [Number(m?.[2]), Number(m?.[4])]
  if (!m || m[1] !== m[3] || one > 0xffff_ffff || other > 0xffff_ffff)
    throw new BadSyntax('a range of PARTIAL is not well formed')
  return { last: m[1] === '-', from: Math.min(one, other), to: Math.max(one, other) }
}

/** As the answer repeats it. */
export const writePartialRange = ({ last, from, to }: PartialRange): string =>
  last ? `-${from}:-${to}` : `${from}:${to}`

/** Those of the results that the range names, in their order. */
export function withinPartial<T>(all: readonly T[], { last, from, to }: PartialRange): T[] {
  return last ? all.slice(Math.max(0, all.length - to), Math.max(0, all.length - from + 1)) : all.slice(from - 1, to)
}
