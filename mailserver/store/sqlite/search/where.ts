import { fold } from '#kit/vi/fold.ts'
import type { SearchKey } from '../../port.ts'
import { MAX_UID, messageId } from '../schema.ts'

export type Condition = { sql: string; values: (number | string)[] }

const systemBits: Record<string, number> = {
  '\\seen': 1,
  '\\answered': 2,
  '\\flagged': 4,
  '\\deleted': 8,
  '\\draft': 16,
}
/** Sets of one search with more ranges than these in all are looked up row by row: as conditions they would cost ranges × rows. */
const MAX_RANGES = 20
const FOREVER = Number.MAX_SAFE_INTEGER

/**
 * The key as a condition on `message m join content c`, or undefined when it needs the texts, or sets when these are not to be
 * conditions.
 */
export function condition(mailbox: number, key: SearchKey, sets = true): Condition | undefined {
  switch (key.key) {
    case 'all':
      return { sql: '1', values: [] }
    case 'and':
    case 'or': {
      const parts = key.of.map((k) => condition(mailbox, k, sets))
      if (!parts.every((p) => p !== undefined)) return undefined
      if (parts.length === 0) return { sql: key.key === 'and' ? '1' : '0', values: [] }
      return { sql: `(${parts.map((p) => p.sql).join(` ${key.key} `)})`, values: parts.flatMap((p) => p.values) }
    }
    case 'not': {
      const of = condition(mailbox, key.of, sets)
      // a message whose Date cannot be read is neither before nor after: not(null) must be true
      return of && { sql: `not coalesce(${of.sql}, 0)`, values: of.values }
    }
    case 'uid': {
      if (!sets) return undefined
      const ranges = mergedRanges(key.ranges)
      return {
        sql: ranges.length > 0 ? `(${ranges.map(() => 'm.id between ? and ?').join(' or ')})` : '0',
        values: ranges.flatMap(([from, to]) => [messageId(mailbox, from), messageId(mailbox, to)]),
      }
    }
    case 'flag': {
      const bit = systemBits[key.flag.toLowerCase()]
      if (bit !== undefined) return { sql: `m.flags & ${bit} != 0`, values: [] }
      return { sql: 'instr(lower(m.keywords), ?) > 0', values: [` ${key.flag.toLowerCase()} `] }
    }
    case 'larger':
      return { sql: 'm.size > ?', values: [key.octets] }
    case 'smaller':
      return { sql: 'm.size < ?', values: [key.octets] }
    case 'modseq':
      // RFC 7162 §3.1.5: equal or greater
      return { sql: 'm.modseq >= ?', values: [key.since] }
    case 'file':
      return {
        sql: 'exists (select 1 from content_file f where f.content = m.content and instr(f.folded_name, ?) > 0)',
        values: [fold(key.value)],
      }
    case 'internal':
      return between('m.internal_date', key)
    case 'saved':
      // RFC 8514 §4.3: where it is not known, the date of arrival counts
      return between('coalesce(m.saved_at, m.internal_date)', key)
    case 'sent':
      return between('c.sent_at', key)
    case 'content':
      return { sql: 'm.content = ?', values: [key.id] }
    case 'thread':
      return { sql: 'm.content in (select content from listing where thread = ?)', values: [key.id] }
    default:
      return undefined
  }
}

const between = (column: string, { from, to }: { from?: number; to?: number }): Condition => ({
  sql: `(${column} >= ? and ${column} < ?)`,
  values: [from ?? -FOREVER, to ?? FOREVER],
})

/** The part of a key that needs no text, and the part that does; both must hold. */
export function split(mailbox: number, key: SearchKey): { quick: Condition; slow: SearchKey[] } {
  const parts = key.key === 'and' ? key.of : [key]
  const sets = rangesOf(key) <= MAX_RANGES
  const found = parts.map((part) => ({ part, quick: condition(mailbox, part, sets) }))
  const quick = found.map((f) => f.quick).filter((q) => q !== undefined)
  return {
    quick: {
      sql: quick.length > 0 ? quick.map((q) => q.sql).join(' and ') : '1',
      values: quick.flatMap((q) => q.values),
    },
    slow: found.filter((f) => !f.quick).map((f) => f.part),
  }
}

/** Ranges of all sets in it. */
function rangesOf(key: SearchKey): number {
  if (key.key === 'uid') return mergedRanges(key.ranges).length
  if (key.key === 'not') return rangesOf(key.of)
  return key.key === 'and' || key.key === 'or' ? key.of.reduce((sum, k) => sum + rangesOf(k), 0) : 0
}

/** Inclusive ranges ascending, without overlap, within what a UID can be. */
export function mergedRanges(ranges: readonly (readonly [from: number, to: number])[]): [from: number, to: number][] {
  const found: [number, number][] = []
  const inOrder = ranges
    .map(([a, b]): [number, number] => [Math.max(1, Math.min(a, b)), Math.min(MAX_UID, Math.max(a, b))])
    .sort((a, b) => a[0] - b[0])
  for (const [from, to] of inOrder) {
    const last = found.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else found.push([from, to])
  }
  return found
}

/** By halves: sets may have thousands of ranges. */
export function inRanges(ranges: readonly [from: number, to: number][], uid: number): boolean {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const [from, to] = ranges[middle]!
    if (uid < from) high = middle - 1
    else if (uid > to) low = middle + 1
    else return true
  }
  return false
}
