import { action } from '../../check/definition.ts'
import { wordOf } from '../../check/match.ts'
import { quote } from '../../parse/fault.ts'
import { isVariableName } from '../../parse/template.ts'

/** RFC 5229 §4.1, in order of precedence: those of 40 first, then 30, 20, 15 (regex), 10. */
const modifiers: readonly [names: readonly string[], apply: (name: string, value: string) => string][] = [
  [['lower', 'upper'], (n, v) => (n === 'lower' ? v.toLowerCase() : v.toUpperCase())],
  [
    ['lowerfirst', 'upperfirst'],
    (n, v) => {
      const [first = '', ...rest] = [...v]
      return (n === 'lowerfirst' ? first.toLowerCase() : first.toUpperCase()) + rest.join('')
    },
  ],
  [['quotewildcard'], (_, v) => v.replaceAll(/[*?\\]/g, '\\$&')],
  [['quoteregex'], (_, v) => v.replaceAll(/[.^$*+?()[\]{}|\\]/g, '\\$&')],
  [['length'], (_, v) => String([...v].length)],
]

/** RFC 5229 §4 */
export const set = action({
  name: 'set',
  extension: 'variables',
  tags: {
    lower: { group: 'case' },
    upper: { group: 'case' },
    lowerfirst: { group: 'first' },
    upperfirst: { group: 'first' },
    quotewildcard: { group: 'quote' },
    quoteregex: { group: 'quote', extension: 'regex' },
    length: {},
  },
  positional: ['string', 'string'],
  check(args, c) {
    const name = wordOf(args.positional[0]) ?? ''
    if (/^global\./i.test(name)) c.needs(args.at, 'global.…', 'include')
    if (!isVariableName(name.replace(/^global\./i, '')))
      c.fault(args.positional[0]!.at, `${quote(name)} không phải tên biến`, `${quote(name)} is no name of a variable`)
  },
  run(args, m) {
    let value = m.string(args.positional[1])
    for (const [names, apply] of modifiers)
      for (const name of names) if (args.tags.has(name)) value = apply(name, value)
    m.set(args.at, wordOf(args.positional[0])!.toLowerCase(), value)
  },
})
