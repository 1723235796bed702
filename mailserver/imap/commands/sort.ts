/** SORT and UID SORT (RFC 5256 §3), ESORT (RFC 5267), SORT=DISPLAY (RFC 5957). Keys were made at delivery. */
import type { SortRow } from '#mailserver/store/port.ts'
import { following } from '../contexts.ts'
import { findUids, highestModseq } from '../found.ts'
import { sortRows } from '../limits.ts'
import { comparing, sortInTurns } from '../order.ts'
import { readSort, type SortArguments, type SortKey } from '../parse/sort.ts'
import { Progress } from '../progress.ts'
import { ok, type Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import type { View } from '../view.ts'
import { saveResults, writeEsearch } from '../write/esearch.ts'
import { command } from './command.ts'
import { told, withCharset, writeNumbers } from './search.ts'

async function sortFound(session: Session, tag: string, asked: SortArguments, byUid: boolean): Promise<Reply> {
  const view = session.selected
  const progress = new Progress(session, tag)
  const follow = following(session, view, tag, asked.search, { byUid, order: asked.order })
  const found = await inOrder(
    session,
    view,
    await findUids(session, view, asked.search, progress),
    asked.order,
    progress,
  )
  const numbers = byUid ? found : found.map((uid) => view.sequence(uid))
  const { returns, modseq: asksModseq } = asked.search
  const modseq =
    asksModseq && found.length ? await highestModseq(session, view.watch.id, told(asked.search, found), view.watch) : 0
  saveResults(session, asked.search, found)
  if (!returns) await writeNumbers(session, 'SORT', numbers, modseq)
  else if (returns.size !== 1 || !returns.has('SAVE'))
    await writeEsearch(session, `TAG "${tag}"`, asked.search, { numbers, byUid, modseq })
  follow(found)
  return ok(`${byUid ? 'UID ' : ''}SORT completed`)
}

/** @param uids ascending, which decides where all keys are the same (RFC 5256 §3) */
async function inOrder(
  session: Session,
  view: View,
  uids: readonly number[],
  order: readonly SortKey[],
  progress: Progress,
): Promise<number[]> {
  const columns = order.map((key) => key.column)
  const turn = () => {
    progress.look()
    return session.turn()
  }
  const rows: SortRow[] = []
  for (let at = 0; at < uids.length; at += sortRows) {
    const slice = session.given.store.read.sortRows(view.watch.id, uids.slice(at, at + sortRows), columns)
    for (const row of slice) rows.push(row)
    await turn()
  }
  const compare = comparing(order)
  return (await sortInTurns(rows, compare, turn)).map((row) => row.uid)
}

const sorting = (byUid: boolean) =>
  command({
    name: byUid ? 'UID SORT' : 'SORT',
    when: 'selected',
    ...(byUid ? {} : { byNumber: true as const }),
    read: (args) => withCharset(() => readSort(args)),
    run: (session, asked, tag) => sortFound(session, tag, asked, byUid),
  })

export const sort = sorting(false)
export const uidSort = sorting(true)
