/** What SELECT (QRESYNC …) tells (RFC 7162 §3.2.5): first what vanished, then what came or changed. */
import type { Resync } from './parse/select.ts'
import type { SequenceSet } from './parse/sequence.ts'
import { rowSlices } from './rows.ts'
import type { Session } from './session.ts'
import { vanishedSince } from './vanished.ts'
import { lastUidThereIs, merge, type UidRange, type View } from './view.ts'
import { fetchWithUid, flagsItem } from './write/fetch.ts'
import { writeVanished } from './write/vanished.ts'

/** Says nothing when UIDVALIDITY is another: the client must begin anew. @throws BadSyntax */
export async function resynchronise(session: Session, view: View, resync: Resync): Promise<void> {
  if (resync.uidValidity !== view.mailbox.uidValidity) return
  // A mod-sequence that was never given is of a time before a backup was put back: then everything may be different.
  const since = resync.modseq > view.flagsModseq ? 0 : resync.modseq
  const known = resync.known ? rangesOf(resync.known) : ([[1, lastUidThereIs]] satisfies UidRange[])
  const upTo = resync.match ? lastMatch(view, resync.match) : 0
  await writeVanished(session, vanishedSince(session, view, since, above(known, upTo)), { earlier: true })
  for await (const rows of rowSlices(session, view, known, { changedSince: since })) {
    for (const row of rows) {
      const n = view.sequence(row.uid)
      if (n) session.out.line(`${fetchWithUid(session, n, row.uid)}${flagsItem(session, view, row)})`)
    }
    await session.out.drained()
  }
}

const rangesOf = (set: SequenceSet): UidRange[] =>
  set.saved ? [] : merge(set.ranges.map(([from, to]) => [from, Math.min(to, lastUidThereIs)]))

const above = (ranges: readonly UidRange[], uid: number): UidRange[] =>
  ranges.filter(([, to]) => to > uid).map(([from, to]) => [Math.max(from, uid + 1), to])

/**
 * RFC 7162 §3.2.5.2: the last UID that still has the number which the client knows; nothing below it has vanished. The sets
 * may name thousands of millions: no more are looked at than the mailbox has messages.
 */
function lastMatch(view: View, { numbers, uids }: NonNullable<Resync['match']>): number {
  let last = 0
  const uid = each(uids)
  for (const n of each(numbers)) {
    const known = uid.next()
    if (known.done || n > view.count || view.uids[n - 1] !== known.value) break
    last = known.value
  }
  return last
}

function* each(set: SequenceSet): Generator<number> {
  for (const [from, to] of rangesOf(set)) for (let n = from; n <= to; n++) yield n
}
