/**
 * Tells the client what changed in its mailbox, by others or by itself: `* n EXPUNGE` or `* VANISHED`, `* n EXISTS`,
 * `* n FETCH (FLAGS …)`. Reads the store from where the client knows it; keeps no list of pending changes.
 * RFC 9051 §7.5.1: no EXPUNGE while FETCH, STORE or SEARCH runs, and then no EXISTS either, or numbers would slip.
 */
import { sliceRows } from './limits.ts'
import type { Session } from './session.ts'
import { lastUidThereIs, type View } from './view.ts'
import { flagsItem } from './write/fetch.ts'
import { rangesOf, writeVanished } from './write/vanished.ts'

export async function announce(session: Session, { expunge }: { expunge: boolean }): Promise<void> {
  const view = session.view
  if (!view?.dirty) return
  view.dirty = false
  session.startSlice()
  view.watch.refresh()
  if (view.watch.gone) {
    session.ending = true
    session.out.line('* BYE the selected mailbox was deleted')
    return
  }
  const upTo = view.watch.modseq
  const vanished = vanishedOf(session, view)
  if (vanished.length && !expunge) view.dirty = true
  else {
    if (session.qresync) await writeVanished(session, rangesOf(vanished))
    // From the last to the first, so that the numbers of those yet to come do not change.
    else
      for (let at = vanished.length - 1; at >= 0; at--) {
        session.out.line(`* ${view.sequence(vanished[at]!)} EXPUNGE`)
        if (at % 1000 === 0) await session.out.drained()
      }
    const before = view.count - vanished.length
    const knownUid = view.lastUid
    view.adopt()
    if (view.count > before) {
      session.out.line(`* ${view.count} EXISTS`)
      if (!session.rev2 && !view.readOnly) session.out.line(`* ${recentOf(view)} RECENT`)
    }
    await tellFlags(session, view, knownUid, upTo)
    return
  }
  await tellFlags(session, view, view.lastUid, upTo)
}

/** UIDs, ascending, of messages that the client knows and that are no more. */
function vanishedOf(session: Session, view: View): number[] {
  const { watch } = view
  if (view.uids === watch.uids) return []
  return session.given.store.read
    .vanished(watch.id, view.listModseq)
    .filter((uid) => view.sequence(uid) && !watch.holds(uid))
}

async function tellFlags(session: Session, view: View, knownUid: number, upTo: number): Promise<void> {
  if (upTo === view.flagsModseq) return
  const changedSince = view.flagsModseq
  for (let from = 1; from <= knownUid; ) {
    const rows = session.given.store.read.rows(view.watch.id, {
      ranges: [[from, knownUid]],
      changedSince,
      limit: sliceRows,
    })
    for (const row of rows) {
      const n = view.sequence(row.uid)
      if (n && view.own.get(row.uid) !== row.modseq)
        session.out.line(`* ${n} FETCH (UID ${row.uid} ${flagsItem(session, view, row)})`)
    }
    await session.out.drained()
    await session.turn()
    if (session.view !== view || rows.length < sliceRows) break
    from = rows.at(-1)!.uid + 1
  }
  view.flagsModseq = upTo
  view.own.clear()
}

export const recentOf = (view: View): number => {
  let recent = 0
  for (const _ of view.within([[view.recentFrom, lastUidThereIs]])) recent++
  return recent
}
