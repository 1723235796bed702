/** FETCH and UID FETCH (RFC 9051 §6.4.5). Works in slices, and lets other sessions in between them. */
import { MessageGone, type MessageRow } from '#mailserver/store/port.ts'
import { sliceBodies, sliceFlags, sliceRows } from '../limits.ts'
import { type FetchArguments, type FetchItem, readFetch } from '../parse/fetch.ts'
import { withinPartial } from '../parse/returns.ts'
import { BadSyntax } from '../parse/scanner.ts'
import type { SequenceSet } from '../parse/sequence.ts'
import { mustHave, rightsOn } from '../places.ts'
import { no, ok, type Reply } from '../reply.ts'
import { rowSlices } from '../rows.ts'
import type { Session } from '../session.ts'
import { vanishedSince } from '../vanished.ts'
import { lastUidThereIs, merge, type UidRange, type View } from '../view.ts'
import { type FetchPlan, planFetch, writeFetch } from '../write/fetch.ts'
import { writeKeptFlags } from '../write/flags.ts'
import { rangesOf, writeVanished } from '../write/vanished.ts'
import { command } from './command.ts'

async function fetchRows(session: Session, asked: FetchArguments, byUid: boolean): Promise<Reply> {
  const view = session.selected
  const word = byUid ? 'UID FETCH' : 'FETCH'
  mustHave(session, view, 'r')
  const { changedSince } = asked
  // RFC 7162 §3.2.6
  if (asked.vanished && (!byUid || !session.qresync || changedSince === undefined))
    throw new BadSyntax('VANISHED is for UID FETCH with CHANGEDSINCE, once QRESYNC is enabled')
  const items = complete(session, asked, byUid)
  let ranges = view.resolve(asked.set, byUid, session.saved)
  if (asked.vanished && changedSince !== undefined)
    await writeVanished(session, vanishedSince(session, view, changedSince, open(asked.set, ranges)), { earlier: true })
  if (asked.partial) ranges = await partOf(session, view, ranges, asked)
  const seen =
    !view.readOnly &&
    items.some((item) => (item.item === 'section' || item.item === 'binary') && !item.peek && !isHeader(item)) &&
    rightsOn(session, view).includes('s')
  const plan = planFetch(items)
  if (plan.flagsOnly && (await flagsAtHand(session, view, ranges, changedSince)))
    ranges = await writeFlags(session, view, ranges, { plan, changedSince })
  if (ranges.length === 0) return ok(`${word} completed`)
  const planOfSeen = planFetch(withFlags(session, items))
  let gone = 0
  for await (const rows of rowSlices(session, view, ranges, {
    changedSince,
    limit: plan.octets ? sliceBodies : sliceRows,
    texts: plan.texts,
  })) {
    const fresh = seen ? await markSeen(session, view, rows) : undefined
    for (const row of rows) {
      // Messages that came after the client last heard have no number yet; they are told after this command.
      const n = view.sequence(row.uid)
      try {
        const waits = n && writeFetch(session, view, n, row, fresh?.has(row.uid) ? planOfSeen : plan)
        if (waits) await waits
      } catch (error) {
        if (!(error instanceof MessageGone) || session.midLine) throw error
        gone++
      }
      if (session.mustTurn) await session.turn()
    }
  }
  // RFC 2180 §4.1, RFC 5530: somebody removed them while we sent the others
  return gone ? no('EXPUNGEISSUED', `${gone} of the messages are gone`) : ok(`${word} completed`)
}

/** Whether flags are in memory. For what is about a good part of the mailbox they are loaded; a few rows are sooner read from the store. */
async function flagsAtHand(
  session: Session,
  view: View,
  ranges: readonly UidRange[],
  changedSince: number | undefined,
): Promise<boolean> {
  const { watch } = view
  if (watch.flags) return true
  if (changedSince !== undefined || view.countWithin(ranges) * 4 < view.count) return false
  await watch.load(() => session.turn())
  return watch.flags !== undefined
}

/** What every client asks of a whole mailbox when it comes back. @returns the ranges that are left when flags are in memory no more */
async function writeFlags(
  session: Session,
  view: View,
  ranges: readonly UidRange[],
  asked: { plan: FetchPlan; changedSince: number | undefined },
): Promise<UidRange[]> {
  let { flags } = view.watch
  for (const [at, [from, to]] of ranges.entries())
    for (let next = from; next <= to; ) {
      if (!flags) return [[next, to], ...ranges.slice(at + 1)]
      next = writeKeptFlags(session, view, flags, view.known(next, to, sliceFlags), asked)
      if (!session.out.mustDrain && !session.mustTurn) continue
      await session.out.drained()
      await session.turn()
      flags = view.watch.flags
    }
  return []
}

/** A set that ends with "*" is also about messages behind the last one there is: they may have vanished. */
const open = (set: SequenceSet, ranges: UidRange[]): UidRange[] =>
  set.saved || !set.ranges.some(([, to]) => to === Infinity)
    ? ranges
    : merge([
        ...ranges,
        ...set.ranges
          .filter(([, to]) => to === Infinity)
          .map(([from]): UidRange => [Math.min(from, lastUidThereIs), lastUidThereIs]),
      ])

/** RFC 9394 §3.3, §3.4: of the messages that the rest of the command is about, those at these places. */
async function partOf(
  session: Session,
  view: View,
  ranges: UidRange[],
  { changedSince, partial }: FetchArguments,
): Promise<UidRange[]> {
  let uids: number[] = []
  if (changedSince === undefined) uids = [...view.within(ranges)]
  else
    for await (const rows of rowSlices(session, view, ranges, { changedSince }))
      for (const { uid } of rows) if (view.sequence(uid)) uids.push(uid)
  return rangesOf(withinPartial(uids, partial!))
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
  if (byUid && !session.uidOnly && !all.some((item) => item.item === 'uid')) all.unshift({ item: 'uid' })
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
  view.changedBySession(done)
  view.stir()
  return new Set(changed.keys())
}

export const fetch = command({
  name: 'FETCH',
  when: 'selected',
  read: readFetch,
  byNumber: true,
  run: (session, asked) => fetchRows(session, asked, false),
})
export const uidFetch = command({
  name: 'UID FETCH',
  when: 'selected',
  read: readFetch,
  run: (session, asked) => fetchRows(session, asked, true),
})
