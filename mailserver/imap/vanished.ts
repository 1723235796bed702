/**
 * Which messages a client remembers and that are no more (RFC 7162 §3.2.5, §3.2.6). From the store's log while that is short; else
 * all UIDs that are not there, which is more than asked and never too little (§3.2.5.2), and costs what is there.
 */
import { maxVanishedRuns } from './limits.ts'
import type { Session } from './session.ts'
import { merge, type UidRange, type View } from './view.ts'

/**
 * @param within ascending, none overlapping
 * @returns the same of UIDs that left after `modseq`; none that the client still has a number for, which `announce` will tell it
 */
export function vanishedSince(session: Session, view: View, modseq: number, within: readonly UidRange[]): UidRange[] {
  const { read } = session.given.store
  // before the list is brought up to date, so that the list holds all that came below it
  const uidNext = read.mailboxById(view.watch.id)?.uidNext ?? 1
  view.watch.refresh()
  const log = read.vanishedRanges(view.watch.id, modseq, maxVanishedRuns)
  const gone = log ? merge(log) : [...view.watch.gaps(uidNext - 1)]
  return without(intersection(gone, within), view)
}

function intersection(a: readonly UidRange[], b: readonly UidRange[]): UidRange[] {
  const both: UidRange[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const from = Math.max(a[i]![0], b[j]![0])
    const to = Math.min(a[i]![1], b[j]![1])
    if (from <= to) both.push([from, to])
    if (a[i]![1] < b[j]![1]) i++
    else j++
  }
  return both
}

function without(ranges: readonly UidRange[], view: View): UidRange[] {
  if (view.uids === view.watch.uids) return [...ranges] // nothing is untold
  const left: UidRange[] = []
  for (const [from, to] of ranges) {
    let next = from
    for (const uid of view.within([[from, to]])) {
      if (uid > next) left.push([next, uid - 1])
      next = uid + 1
    }
    if (next <= to) left.push([next, to])
  }
  return left
}
