/** The messages that a SEARCH, SORT or THREAD is about, and what RFC 7162 wants to be said of them. */
import type { SearchKey } from '#mailserver/store/port.ts'
import { sliceRows } from './limits.ts'
import type { SearchArguments } from './parse/search.ts'
import { mustHave } from './places.ts'
import { resolveKey } from './resolve.ts'
import type { Session } from './session.ts'
import type { View } from './view.ts'

/** UIDs of the view that match, ascending. The store looks through a bounded piece at a time. @throws BadSyntax */
export async function findUids(session: Session, view: View, asked: SearchArguments): Promise<number[]> {
  mustHave(session, view, 'r')
  if (asked.modseq) session.enabled.add('CONDSTORE')
  let key: SearchKey
  try {
    key = resolveKey(session, view, asked.key, session.given.now())
  } catch (error) {
    if (asked.returns?.has('SAVE')) session.saved = [] // RFC 5182 §2.1: a search that fails leaves nothing saved
    throw error
  }
  const found: number[] = []
  for (const slice of session.given.store.read.searchSlices(view.watch.id, key)) {
    for (const uid of slice) if (view.sequence(uid)) found.push(uid)
    await session.turn()
  }
  return found
}

/** RFC 7162 §3.1.5: the highest mod-sequence of these messages. */
export async function highestModseq(session: Session, view: View, uids: readonly number[]): Promise<number> {
  let highest = 0
  for (let at = 0; at < uids.length; at += sliceRows) {
    const ranges = uids.slice(at, at + sliceRows).map((uid): [number, number] => [uid, uid])
    for (const row of session.given.store.read.rows(view.watch.id, { ranges, limit: sliceRows }))
      highest = Math.max(highest, row.modseq)
    await session.turn()
  }
  return highest
}
