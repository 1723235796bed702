/**
 * Tells the client what changed in its mailbox, by others or by itself: `* n EXPUNGE` or `* VANISHED`, `* n EXISTS`,
 * `* n FETCH (FLAGS …)`. Reads the store from where the client knows it; keeps no list of pending changes.
 * RFC 9051 §7.5.1: no EXPUNGE while FETCH, STORE or SEARCH runs, and then no EXISTS either, or numbers would slip.
 */
import { MessageGone } from '#mailserver/store/port.ts'
import { leaveContexts } from './contexts.ts'
import { sliceBodies, sliceRows } from './limits.ts'
import type { SelectedWish } from './notices.ts'
import type { FetchItem } from './parse/fetch.ts'
import { No } from './reply.ts'
import type { Session } from './session.ts'
import { lastUidThereIs, type View } from './view.ts'
import { fetchWithUid, flagsItem, planFetch, writeFetch } from './write/fetch.ts'
import { rangesOf, writeVanished } from './write/vanished.ts'

/** @param wish what NOTIFY asks for; absent: everything, as without it */
export async function announce(
  session: Session,
  { expunge, wish }: { expunge: boolean; wish?: SelectedWish | undefined },
): Promise<void> {
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
  const flags = !wish || wish.events.has('FlagChange')
  if (vanished.length && !expunge) {
    view.dirty = true
    // RFC 5465 §6.1.2: those that came are told, behind those that went and keep their numbers for now
    if (wish?.events.has('MessageNew')) await tellNew(session, view, wish, view.lengthen())
  } else {
    leaveContexts(session, view, vanished)
    if (session.qresync || session.uidOnly) await writeVanished(session, rangesOf(vanished))
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
    if (wish && view.lastUid > knownUid) await fetchNew(session, view, wish.items, knownUid)
    if (flags) await tellFlags(session, view, knownUid, upTo)
    else view.flagsModseq = upTo
    return
  }
  if (flags) await tellFlags(session, view, view.lastUid, upTo)
}

async function tellNew(session: Session, view: View, wish: SelectedWish, knownUid: number): Promise<void> {
  if (view.lastUid === knownUid) return
  session.out.line(`* ${view.count} EXISTS`)
  await fetchNew(session, view, wish.items, knownUid)
}

/** RFC 5465 §5.2: what the client asked to know of each new message. Nothing is marked as seen by it. */
async function fetchNew(session: Session, view: View, items: readonly FetchItem[], knownUid: number): Promise<void> {
  if (items.length === 0) return
  const all: readonly FetchItem[] =
    session.uidOnly || items.some(({ item }) => item === 'uid') ? items : [{ item: 'uid' }, ...items]
  const plan = planFetch(all)
  for (let from = knownUid + 1; from <= view.lastUid; ) {
    const rows = session.given.store.read.rows(view.watch.id, { ranges: [[from, view.lastUid]], limit: sliceBodies })
    for (const row of rows) {
      const n = view.sequence(row.uid)
      try {
        if (n) await writeFetch(session, view, n, row, plan)
      } catch (error) {
        if (session.midLine || !(error instanceof MessageGone || error instanceof No)) throw error
      }
      await session.turn()
    }
    if (session.view !== view || rows.length < sliceBodies) return
    from = rows.at(-1)!.uid + 1
  }
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
        session.out.line(`${fetchWithUid(session, n, row.uid)}${flagsItem(session, view, row)})`)
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
