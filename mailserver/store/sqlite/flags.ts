import type { FlagChange } from '../port.ts'

const bits: readonly [flag: string, bit: number][] = [
  ['\\Seen', 1],
  ['\\Answered', 2],
  ['\\Flagged', 4],
  ['\\Deleted', 8],
  ['\\Draft', 16],
]
export const SEEN = 1
export const DELETED = 8
export const DRAFT = 16

/** A message may carry this many keywords; programs use a handful, and every one is sent with every FETCH. */
export const MAX_KEYWORDS = 100

/** Flags as a row keeps them: bits, and keywords as '' or ' one two ' in the spelling that came first. */
export type StoredFlags = { flags: number; keywords: string }

const bitOf = (flag: string): number | undefined => {
  const lower = flag.toLowerCase()
  return bits.find(([name]) => name.toLowerCase() === lower)?.[1]
}

/** The names of each set of system flags: the same array for every message that has it. */
const systemNames: readonly (readonly string[])[] = Array.from({ length: 32 }, (_, flags) =>
  Object.freeze(bits.filter(([, bit]) => flags & bit).map(([name]) => name)),
)

export function flagNames({ flags, keywords }: StoredFlags): readonly string[] {
  const names = systemNames[flags & 31]!
  return keywords === '' ? names : names.concat(keywords.trim().split(' '))
}

/** @throws RangeError for a flag that is neither a system flag nor an atom (\Recent included), or for too many keywords */
export function storedFlags(names: readonly string[]): StoredFlags {
  return applyFlags({ flags: 0, keywords: '' }, { op: 'set', flags: names })
}

/** Keywords are compared without regard to case (RFC 9051 §2.3.2). @throws RangeError as `storedFlags` */
export function applyFlags(now: StoredFlags, change: FlagChange): StoredFlags {
  const next = changed(now, change)
  return change.keep?.length ? mixed(now, next, change.keep) : next
}

/** The change as bits when it touches nothing but system flags, and all of them alike: row = (row & ~off) | on. */
export function systemBitsOf({ op, flags, keep }: FlagChange): { on: number; off: number } | undefined {
  if (op === 'set' || keep?.length) return undefined
  let mask = 0
  for (const flag of flags) {
    const bit = bitOf(flag)
    if (bit === undefined) return undefined
    mask |= bit
  }
  return op === 'add' ? { on: mask, off: 0 } : { on: 0, off: mask }
}

/** Without these flags; "*" is every flag but \\Seen and \\Deleted. */
export const dropFlags = ({ flags, keywords }: StoredFlags, drop: readonly string[]): StoredFlags =>
  drop.length ? mixed({ flags: 0, keywords: '' }, { flags, keywords }, drop) : { flags, keywords }

/** `keep` of the one, the rest of the other. */
function mixed(now: StoredFlags, next: StoredFlags, keep: readonly string[]): StoredFlags {
  let mask = 0
  for (const flag of keep) mask |= flag === '*' ? 31 & ~(SEEN | DELETED) : (bitOf(flag) ?? 0)
  return {
    flags: (now.flags & mask) | (next.flags & ~mask),
    keywords: keep.includes('*') ? now.keywords : next.keywords,
  }
}

function changed(now: StoredFlags, { op, flags: names }: FlagChange): StoredFlags {
  let flags = op === 'set' ? 0 : now.flags
  const keywords = new Map<string, string>()
  for (const k of now.keywords.trim().split(' ')) if (k && op !== 'set') keywords.set(k.toLowerCase(), k)
  for (const name of names) {
    const bit = bitOf(name)
    if (bit !== undefined) flags = op === 'remove' ? flags & ~bit : flags | bit
    else if (!isKeyword(name)) throw new RangeError(`not a flag: ${JSON.stringify(name.slice(0, 100))}`)
    else if (op === 'remove') keywords.delete(name.toLowerCase())
    else if (!keywords.has(name.toLowerCase())) keywords.set(name.toLowerCase(), name)
  }
  if (keywords.size > MAX_KEYWORDS) throw new RangeError(`more than ${MAX_KEYWORDS} keywords on one message`)
  return { flags, keywords: keywords.size === 0 ? '' : ` ${[...keywords.values()].join(' ')} ` }
}

/** An atom (RFC 9051 §9) of at most 100 octets. */
const isKeyword = (name: string): boolean => /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]{1,100}$/.test(name)

export const hasFlag = (row: StoredFlags, flag: string): boolean => {
  const bit = bitOf(flag)
  return bit !== undefined ? (row.flags & bit) !== 0 : row.keywords.toLowerCase().includes(` ${flag.toLowerCase()} `)
}
