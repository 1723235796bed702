/** FETCH and UID FETCH (RFC 9051 §6.4.5). Works in slices, and lets other sessions in between them. */
import { MessageGone, type MessageRow } from '#mailserver/store/port.ts'
import { sliceBodies, sliceRows } from '../limits.ts'
import { type FetchArguments, type FetchItem, readFetch } from '../parse/fetch.ts'
import { mustHave, rightsOn } from '../places.ts'
import { no, ok, type Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import type { View } from '../view.ts'
import { writeFetch } from '../write/fetch.ts'
import { command } from './command.ts'

async function fetchRows(session: Session, asked: FetchArguments, byUid: boolean): Promise<Reply> {
  const view = session.selected
  const word = byUid ? 'UID FETCH' : 'FETCH'
  mustHave(session, view, 'r')
  const items = complete(session, asked, byUid)
  const ranges = view.resolve(asked.set, byUid, session.saved)
  const seen =
    !view.readOnly &&
    items.some((item) => (item.item === 'section' || item.item === 'binary') && !item.peek && !isHeader(item)) &&
    rightsOn(session, view).includes('s')
  const limit = items.some((item) => item.item === 'section' || item.item === 'binary' || item.item === 'binary.size')
    ? sliceBodies
    : sliceRows
  const changed = asked.changedSince === undefined ? {} : { changedSince: asked.changedSince }
  const itemsOfSeen = withFlags(session, items)
  let gone = 0
  for (let at = 0; at < ranges.length; ) {
    const batch = ranges.slice(at, at + sliceRows)
    const rows = session.given.store.read.rows(view.watch.id, { ranges: batch, ...changed, limit })
    const fresh = seen ? await markSeen(session, view, rows) : undefined
    for (const row of rows) {
      // Messages that came after the client last heard have no number yet; they are told after this command.
      const n = view.sequence(row.uid)
      try {
        if (n) await writeFetch(session, view, n, row, fresh?.has(row.uid) ? itemsOfSeen : items)
      } catch (error) {
        if (!(error instanceof MessageGone) || session.midLine) throw error
        gone++
      }
      await session.turn()
    }
    if (rows.length < limit) at += batch.length
    else {
      // On from behind the last row, within the range that it was in.
      const next = rows.at(-1)!.uid + 1
      while (at < ranges.length && ranges[at]![1] < next) at++
      if (at < ranges.length && ranges[at]![0] < next) ranges[at]![0] = next
    }
  }
  // RFC 2180 §4.1, RFC 5530: somebody removed them while we sent the others
  return gone ? no('EXPUNGEISSUED', `${gone} of the messages are gone`) : ok(`${word} completed`)
}

/** For messages that become \Seen by this FETCH: flags are told, and the mod-sequence to those who count it. */
function withFlags(session: Session, items: readonly FetchItem[]): FetchItem[] {
  const has = (name: FetchItem['item']) => items.some((each) => each.item === name)
  return [
    ...items,
    ...(has('flags') ? [] : [{ item: 'flags' } as const]),
    ...(session.condstore && !has('modseq') ? [{ item: 'modseq' } as const] : []),
  ]
}

const isHeader = (item: FetchItem) => item.item === 'section' && item.label === 'RFC822.HEADER'

/** UID is part of every UID FETCH; CHANGEDSINCE and MODSEQ turn CONDSTORE on and MODSEQ into the answer (RFC 7162 §3.1.4). */
function complete(session: Session, { items, changedSince }: FetchArguments, byUid: boolean): FetchItem[] {
  const all = [...items]
  if (byUid && !all.some((item) => item.item === 'uid')) all.unshift({ item: 'uid' })
  const asksModseq = all.some((item) => item.item === 'modseq')
  if (changedSince !== undefined || asksModseq) session.enabled.add('CONDSTORE')
  if (changedSince !== undefined && !asksModseq) all.push({ item: 'modseq' })
  return all
}

/** Sets \Seen on those of the slice that lack it, before their octets go out. @returns their UIDs; rows show the new flags */
async function markSeen(session: Session, view: View, rows: MessageRow[]): Promise<Set<number>> {
  const uids = rows.filter((row) => !row.flags.includes('\\Seen') && view.sequence(row.uid)).map((row) => row.uid)
  if (uids.length === 0) return new Set()
  const done = await session.given.store.write('storeFlags', {
    mailbox: view.watch.id,
    uids,
    change: { op: 'add', flags: ['\\Seen'] },
  })
  if ('refused' in done) return new Set() // a register remembers what was done, not who looked
  const changed = new Map(done.changed.map((each) => [each.uid, each]))
  for (const [at, row] of rows.entries()) {
    const now = changed.get(row.uid)
    if (now) rows[at] = { ...row, flags: now.flags, modseq: now.modseq }
  }
  for (const { uid, modseq } of done.changed) view.own.set(uid, modseq)
  view.stir()
  return new Set(changed.keys())
}

export const fetch = command({
  name: 'FETCH',
  when: 'selected',
  read: readFetch,
  numbersInUse: true,
  run: (session, asked) => fetchRows(session, asked, false),
})
export const uidFetch = command({
  name: 'UID FETCH',
  when: 'selected',
  read: readFetch,
  run: (session, asked) => fetchRows(session, asked, true),
})
