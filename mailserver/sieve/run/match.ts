/** One comparison for all tests: values of a message against keys of a script (RFC 5228 §2.7). */

import type { Args, Value } from '../check/definition.ts'
import { wordOf } from '../check/match.ts'
import { type Comparator, comparatorNamed } from './compare.ts'
import { RunFault } from './facts.ts'
import type { Machine } from './machine.ts'
import { compileRegex } from './regex.ts'
import { wildcard } from './wildcard.ts'

const relation: Readonly<Record<string, (order: number) => boolean>> = {
  gt: (o) => o > 0,
  ge: (o) => o >= 0,
  lt: (o) => o < 0,
  le: (o) => o <= 0,
  eq: (o) => o === 0,
  ne: (o) => o !== 0,
}

/** Whether any value matches any key; :matches and :regex set the match variables (RFC 5229 §3.2). */
export function matchAny(args: Args, m: Machine, values: Iterable<string>, keysOf: Value): boolean {
  const keys = m.strings(keysOf)
  const named = wordOf(args.tags.get('comparator')?.value) ?? 'i;ascii-casemap'
  const comparator = comparatorNamed[named]!
  const count = args.tags.get('count')
  if (count) {
    const number = String([...values].length)
    const holds = relation[wordOf(count.value)!]!
    return keys.some((key) => holds(comparator.order(number, key)))
  }
  const one = matcher(args, m, comparator, named)
  for (const value of values)
    for (const key of keys) {
      m.spend(args.at, 1, value.length + key.length)
      if (one(value, key)) return true
    }
  return false
}

function matcher(
  args: Args,
  m: Machine,
  comparator: Comparator,
  named: string,
): (value: string, key: string) => boolean {
  const { tags } = args
  const related = tags.get('value')
  if (related) {
    const holds = relation[wordOf(related.value)!]!
    return (value, key) => holds(comparator.order(value, key))
  }
  if (tags.has('contains')) return (value, key) => comparator.form(value).includes(comparator.form(key))
  if (tags.has('matches'))
    return (value, key) => {
      // each literal run of the pattern may be tried at each place of the text
      m.spend(args.at, (value.length * Math.min(key.length, 256)) >> 14)
      const found = wildcard(value, key, comparator.form)
      if (found) m.setMatch(found)
      return found !== undefined
    }
  if (tags.has('regex'))
    return (value, key) => {
      const regex = compileRegex(key, named !== 'i;octet')
      if ('wrong' in regex)
        throw new RunFault(args.at, 'biểu thức chính quy không hợp lệ', `not a regular expression: ${regex.wrong}`)
      m.spend(args.at, (value.length * key.length) >> 12)
      const found = regex.match(value)
      if (found) m.setMatch(found.map((f) => f ?? ''))
      return found !== undefined
    }
  return (value, key) => comparator.form(value) === comparator.form(key)
}
