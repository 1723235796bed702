/** SORT and UID SORT (RFC 5256 §3), ESORT (RFC 5267), SORT=DISPLAY (RFC 5957). Keys were made at delivery. */
import type { SortRow } from '#mailserver/store/port.ts'
import { findUids, highestModseq } from '../found.ts'
import { sortRows } from '../limits.ts'
import { compareValues, sortInTurns } from '../order.ts'
import { readSort, type SortArguments, type SortKey } from '../parse/sort.ts'
import { ok, type Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import type { View } from '../view.ts'
import { saveResults, writeEsearch } from '../write/esearch.ts'
import { command } from './command.ts'
import { told, withCharset, writeNumbers } from './search.ts'

async function sortFound(session: Session, tag: string, asked: SortArguments, byUid: boolean): Promise<Reply> {
  const view = session.selected
  const found = await inOrder(session, view, await findUids(session, view, asked.search), asked.order)
  const numbers = byUid ? found : found.map((uid) => view.sequence(uid))
  const { returns, modseq: asksModseq } = asked.search
  const modseq = asksModseq && found.length ? await highestModseq(session, view, told(asked.search, found)) : 0
  saveResults(session, asked.search, found)
  if (!returns) await writeNumbers(session, 'SORT', numbers, modseq)
  else if (returns.size !== 1 || !returns.has('SAVE'))
    await writeEsearch(session, tag, asked.search, { numbers, byUid, modseq })
  return ok(`${byUid ? 'UID ' : ''}SORT completed`)
}

/** @param uids ascending, which decides where all keys are the same (RFC 5256 §3) */
async function inOrder(
  session: Session,
  view: View,
  uids: readonly number[],
  order: readonly SortKey[],
): Promise<number[]> {
  const columns = order.map((key) => key.column)
  const rows: SortRow[] = []
  for (let at = 0; at < uids.length; at += sortRows) {
    const slice = session.given.store.read.sortRows(view.watch.id, uids.slice(at, at + sortRows), columns)
    for (const row of slice) rows.push(row)
    await session.turn()
  }
  const compare = (a: SortRow, b: SortRow): number => {
    for (const { column, reverse } of order) {
      const one = compareValues(a[column]!, b[column]!)
      if (one !== 0) return reverse ? -one : one
    }
    return a.uid - b.uid
  }
  return (await sortInTurns(rows, compare, () => session.turn())).map((row) => row.uid)
}

const sorting = (byUid: boolean) =>
  command({
    name: byUid ? 'UID SORT' : 'SORT',
    when: 'selected',
    ...(byUid ? {} : { numbersInUse: true as const }),
    read: (args) => withCharset(() => readSort(args)),
    run: (session, asked, tag) => sortFound(session, tag, asked, byUid),
  })

export const sort = sorting(false)
export const uidSort = sorting(true)
