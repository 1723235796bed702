/** Rows of a mailbox in slices: what a long answer is made of, with time for others in between. */
import type { MessageRow } from '#mailserver/store/port.ts'
import { sliceRows } from './limits.ts'
import type { Session } from './session.ts'
import type { UidRange, View } from './view.ts'

/** @param ranges ascending, none overlapping @param q `limit`: rows in one slice, `sliceRows` when absent; `texts`: with envelopes and structures */
export async function* rowSlices(
  session: Session,
  view: View,
  ranges: readonly UidRange[],
  {
    changedSince,
    limit = sliceRows,
    texts = false,
  }: { changedSince?: number | undefined; limit?: number; texts?: boolean } = {},
): AsyncGenerator<MessageRow[]> {
  const left = ranges.map(([from, to]): UidRange => [from, to])
  for (let at = 0; at < left.length; ) {
    const batch = left.slice(at, at + sliceRows)
    const rows = session.given.store.read.rows(view.watch.id, {
      ranges: batch,
      ...(changedSince === undefined ? {} : { changedSince }),
      limit,
      texts,
    })
    const next = (rows.at(-1)?.uid ?? 0) + 1 // before others get at the slice
    yield rows
    await session.turn()
    if (rows.length < limit) at += batch.length
    else {
      // On from behind the last row, within the range that it was in.
      while (at < left.length && left[at]![1] < next) at++
      if (at < left.length && left[at]![0] < next) left[at]![0] = next
    }
  }
}
