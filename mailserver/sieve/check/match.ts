/** Comparator and match type (RFC 5228 §2.7), relational (RFC 5231) and regex: the tags and their checks, for all tests that compare. */
import { MAX_REGEX } from '../limits.ts'
import { quote } from '../parse/fault.ts'
import { constantOf } from '../parse/template.ts'
import { compileRegex } from '../run/regex.ts'
import type { Checker } from './checker.ts'
import type { Args, TagSpec, Value } from './definition.ts'

export const comparators = ['i;octet', 'i;ascii-casemap', 'i;ascii-numeric', 'i;unicode-casemap'] as const
export const relations = ['gt', 'ge', 'lt', 'le', 'eq', 'ne'] as const

export const matchTags: Readonly<Record<string, TagSpec>> = {
  comparator: { takes: 'string' },
  is: { group: 'match' },
  contains: { group: 'match' },
  matches: { group: 'match' },
  regex: { group: 'match', extension: 'regex' },
  value: { group: 'match', extension: 'relational', takes: 'string' },
  count: { group: 'match', extension: 'relational', takes: 'string' },
}
export const addressTags: Readonly<Record<string, TagSpec>> = {
  all: { group: 'part' },
  localpart: { group: 'part' },
  domain: { group: 'part' },
  user: { group: 'part', extension: 'subaddress' },
  detail: { group: 'part', extension: 'subaddress' },
}
export const indexTags: Readonly<Record<string, TagSpec>> = {
  index: { extension: 'index', takes: 'number' },
  last: { extension: 'index' },
}

export const wordOf = (value: Value | undefined): string | undefined =>
  value?.kind === 'strings' && value.values.length === 1 ? constantOf(value.values[0]!) : undefined

/** @param keys the argument that is compared with */
export function checkMatch(args: Args, c: Checker, keys: Value | undefined): void {
  const comparator = args.tags.get('comparator')
  const named = wordOf(comparator?.value) ?? 'i;ascii-casemap'
  if (comparator) {
    const known = (comparators as readonly string[]).includes(named)
    if (!known)
      c.fault(comparator.at, `không có phép so sánh ${quote(named)}`, `there is no comparator ${quote(named)}`)
    else if (named !== 'i;octet' && named !== 'i;ascii-casemap')
      c.needs(comparator.at, `:comparator "${named}"`, `comparator-${named}`)
  }
  for (const tag of ['value', 'count']) {
    const relation = args.tags.get(tag)
    if (relation && !(relations as readonly string[]).includes(wordOf(relation.value) ?? ''))
      c.fault(
        relation.at,
        `sau :${tag} là một trong "gt" "ge" "lt" "le" "eq" "ne"`,
        `:${tag} takes one of "gt" "ge" "lt" "le" "eq" "ne"`,
      )
  }
  const substring = ['contains', 'matches', 'regex'].find((t) => args.tags.has(t))
  if (named === 'i;ascii-numeric' && substring)
    // RFC 4790 §9.1.1: no substring operation
    c.fault(
      args.tags.get(substring)!.at,
      `:${substring} không dùng với i;ascii-numeric`,
      `:${substring} cannot be used with i;ascii-numeric`,
    )
  if (args.tags.has('regex') && keys?.kind === 'strings')
    for (const key of keys.values) {
      const pattern = constantOf(key)
      if (pattern === undefined) continue // known when the script runs
      const made = compileRegex(pattern, true)
      if ('wrong' in made)
        c.fault(
          key.at,
          `biểu thức chính quy không hợp lệ hoặc dài quá ${MAX_REGEX} ký tự`,
          `not a regular expression: ${made.wrong}`,
        )
    }
}

export function checkIndex(args: Args, c: Checker): void {
  const index = args.tags.get('index')
  const last = args.tags.get('last')
  if (last && !index) c.fault(last.at, ':last cần có :index', ':last needs :index')
  if (index?.value?.kind === 'number' && index.value.value < 1)
    c.fault(index.at, ':index bắt đầu từ 1', ':index counts from 1')
}

/** RFC 5322 §3.6.8 names of header fields, where they are constant. */
export function checkFieldNames(c: Checker, names: Value | undefined): void {
  if (names?.kind !== 'strings') return
  for (const name of names.values) {
    const said = constantOf(name)
    if (said !== undefined && !/^[!-9;-~]+$/.test(said))
      c.fault(name.at, `${quote(said)} không phải tên trường đầu thư`, `${quote(said)} is no name of a header field`)
  }
}
