/** Searches that ask for nothing but flags, UIDs and mod-sequences: decided in memory. */
import type { SearchKey } from '#mailserver/store/port.ts'
import type { KeptFlags } from './keptflags.ts'
import { merge, type UidRange } from './view.ts'

export type FlagKey =
  | Extract<SearchKey, { key: 'all' | 'uid' | 'flag' | 'modseq' }>
  | { key: 'and' | 'or'; of: readonly FlagKey[] }
  | { key: 'not'; of: FlagKey }

export function isAboutFlags(key: SearchKey): key is FlagKey {
  switch (key.key) {
    case 'all':
    case 'uid':
    case 'flag':
    case 'modseq':
      return true
    case 'and':
    case 'or':
      return key.of.every(isAboutFlags)
    case 'not':
      return isAboutFlags(key.of)
    default:
      return false
  }
}

/** @param watch whose flags these are @returns a test of its places, good as long as it has these flags */
export function flagTest(
  key: FlagKey,
  flags: KeptFlags,
  watch: { readonly uids: Uint32Array },
): (place: number) => boolean {
  switch (key.key) {
    case 'all':
      return () => true
    case 'uid': {
      const ranges = merge(key.ranges.map(([from, to]): UidRange => [from, to]))
      return (place) => isWithin(ranges, watch.uids[place]!)
    }
    case 'flag':
      return flags.has(key.flag)
    case 'modseq':
      // RFC 7162 §3.1.5: equal or greater
      return (place) => flags.modseq(place) >= key.since
    case 'not': {
      const of = flagTest(key.of, flags, watch)
      return (place) => !of(place)
    }
    case 'and': {
      const tests = key.of.map((each) => flagTest(each, flags, watch))
      return (place) => {
        for (const test of tests) if (!test(place)) return false
        return true
      }
    }
    case 'or': {
      const tests = key.of.map((each) => flagTest(each, flags, watch))
      return (place) => {
        for (const test of tests) if (test(place)) return true
        return false
      }
    }
  }
}

/** By halves: sets may have thousands of ranges. */
function isWithin(ranges: readonly UidRange[], uid: number): boolean {
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
