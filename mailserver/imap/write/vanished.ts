/** `* VANISHED [(EARLIER)] 1:3,7` (RFC 7162 §3.2.10), in lines of a length that clients can read. */
import { vanishedPerLine } from '../limits.ts'
import { formatRange } from '../parse/sequence.ts'
import type { Session } from '../session.ts'
import { merge, type UidRange } from '../view.ts'

export async function writeVanished(
  session: Session,
  ranges: readonly UidRange[],
  { earlier = false } = {},
): Promise<void> {
  for (let at = 0; at < ranges.length; at += vanishedPerLine) {
    const line = ranges.slice(at, at + vanishedPerLine).map(([from, to]) => formatRange(from, to))
    session.out.line(`* VANISHED ${earlier ? '(EARLIER) ' : ''}${line.join(',')}`)
    await session.out.drained()
    await session.turn()
  }
}

export const rangesOf = (uids: readonly number[]): UidRange[] => merge(uids.map((uid): UidRange => [uid, uid]))
