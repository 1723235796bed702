import type { Args, TagSpec } from '../check/definition.ts'

/** RFC 5229 §4.1, in order of precedence: those of 40 first, then 30, 20, 15 (regex; RFC 5435 §6), 10. */
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
  // a lone half of a surrogate pair has no octets to encode
  [['encodeurl'], (_, v) => encodeURIComponent(v.toWellFormed()).replaceAll(/[!'()*]/g, percent)],
  [['length'], (_, v) => String([...v].length)],
]
const percent = (c: string): string => `%${c.charCodeAt(0).toString(16).toUpperCase()}`

/** Of `set` and `extracttext`. */
export const modifierTags: Readonly<Record<string, TagSpec>> = {
  lower: { group: 'case' },
  upper: { group: 'case' },
  lowerfirst: { group: 'first' },
  upperfirst: { group: 'first' },
  quotewildcard: { group: 'quote' },
  quoteregex: { group: 'quote', extension: 'regex' },
  encodeurl: { group: 'quote', extension: 'enotify' },
  length: {},
}

export function modified(args: Args, text: string): string {
  let value = text
  for (const [names, apply] of modifiers) for (const name of names) if (args.tags.has(name)) value = apply(name, value)
  return value
}
