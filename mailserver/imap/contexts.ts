/**
 * Searches and sorts whose results a client follows (RFC 5267 §4.3, RETURN (UPDATE)): `* ESEARCH … ADDTO` and `REMOVEFROM`, when it is
 * told of the changes that make them. Only messages that changed are looked at again. What changes without a message changing
 * (ages, numbers, files that are read in the background) is not followed: NO [NOUPDATE].
 */
import type { SearchKey, SortRow } from '#mailserver/store/port.ts'
import { maxContextResults, maxContexts, sliceRows } from './limits.ts'
import { comparing } from './order.ts'
import { BadSyntax } from './parse/scanner.ts'
import type { AskedKey, SearchArguments } from './parse/search.ts'
import { setParts } from './parse/sequence.ts'
import type { SortKey } from './parse/sort.ts'
import { resolveKey } from './resolve.ts'
import { rowSlices } from './rows.ts'
import type { Session } from './session.ts'
import type { View } from './view.ts'

type Kind = { byUid: boolean; order?: readonly SortKey[] }
export type Context = Kind & {
  key: AskedKey
  /** UIDs of the results, ascending or in the order of the sort */
  results: number[]
  members: Set<number>
  /** up to where messages have been looked at: changed ones, and new ones */
  modseq: number
  lastUid: number
}

/**
 * To be called before the search: what changes while it runs is looked at afterwards.
 * @returns takes the results, behind the answer
 * @throws BadSyntax when the tag is in use
 */
export function following(
  session: Session,
  view: View,
  tag: string,
  { returns, key }: SearchArguments,
  kind: Kind,
): (found: readonly number[]) => void {
  if (!returns?.has('UPDATE')) return () => {}
  if (view.contexts.has(tag)) throw new BadSyntax('this tag is that of another search that is followed')
  const { modseq } = view.watch
  const { lastUid } = view
  return (found) => {
    if (!canFollow(key, view) || view.contexts.size >= maxContexts || found.length > maxContextResults)
      noUpdate(session, tag)
    else view.contexts.set(tag, { ...kind, key, results: [...found], members: new Set(found), modseq, lastUid })
  }
}

export function noUpdate(session: Session, tag: string): void {
  session.view?.contexts.delete(tag)
  session.out.line(`* NO [NOUPDATE "${tag}"] Changes of this search are not told`)
}

function canFollow(asked: AskedKey, view: View): boolean {
  switch (asked.key) {
    case 'and':
    case 'or':
      return asked.of.every((each) => canFollow(each, view))
    case 'not':
      return canFollow(asked.of, view)
    case 'set':
      // "*" moves from one message to the next, unless it only ends a range that has begun before
      return (
        asked.byUid && !asked.set.saved && asked.set.ranges.every(([from, to]) => to < Infinity || from <= view.lastUid)
      )
    case 'younger':
    case 'older':
    case 'body':
    case 'text':
    case 'file':
      return false
    default:
      return true
  }
}

/** Before the client loses their numbers. @param vanished ascending */
export function leaveContexts(session: Session, view: View, vanished: readonly number[]): void {
  for (const [tag, context] of view.contexts) remove(session, view, tag, context, vanished)
}

/** After the client was told what is new. */
export async function updateContexts(session: Session): Promise<void> {
  const { view } = session
  if (!view) return
  for (const [tag, context] of view.contexts) {
    const upTo = view.watch.modseq
    if (context.modseq === upTo && context.lastUid === view.lastUid) continue
    const { lastUid } = view
    const { modseq: changedSince, lastUid: known } = context
    if (known > 0 && changedSince !== upTo)
      for await (const rows of rowSlices(session, view, [[1, known]], { changedSince }))
        judge(
          session,
          view,
          tag,
          context,
          rows.map(({ uid }) => uid).filter((uid) => view.sequence(uid)),
        )
    const fresh = [...view.within([[known + 1, lastUid]])]
    for (let at = 0; at < fresh.length; at += sliceRows) {
      judge(session, view, tag, context, fresh.slice(at, at + sliceRows))
      await session.turn()
    }
    context.modseq = upTo
    context.lastUid = lastUid
  }
}

/** Looks again at these messages, which the client knows. */
function judge(session: Session, view: View, tag: string, context: Context, uids: readonly number[]): void {
  if (uids.length === 0 || !view.contexts.has(tag)) return
  const { read } = session.given.store
  const among: SearchKey = { key: 'uid', ranges: uids.map((uid) => [uid, uid]) }
  const key = resolveKey(session, view, context.key, session.given.now())
  const now = new Set(read.search(view.watch.id, { key: 'and', of: [among, key] }))
  const gone = uids.filter((uid) => context.members.has(uid) && !now.has(uid))
  const come = uids.filter((uid) => now.has(uid) && !context.members.has(uid))
  remove(session, view, tag, context, gone)
  if (context.results.length + come.length > maxContextResults) noUpdate(session, tag)
  else if (context.order) insert(session, view, tag, context, come, context.order)
  else add(session, view, tag, context, come)
}

/** @param uids ascending */
function remove(session: Session, view: View, tag: string, context: Context, uids: readonly number[]): void {
  const gone = uids.filter((uid) => context.members.delete(uid))
  if (gone.length === 0) return
  const left = new Set(gone)
  if (context.order) {
    const pairs: string[] = []
    for (const uid of gone) {
      const at = context.results.indexOf(uid)
      context.results.splice(at, 1)
      pairs.push(`${at + 1} ${numberOf(view, context, uid)}`)
    }
    write(session, tag, context, 'REMOVEFROM', pairs)
  } else {
    context.results = context.results.filter((uid) => !left.has(uid))
    write(session, tag, context, 'REMOVEFROM', inSets(view, context, gone))
  }
}

function add(session: Session, view: View, tag: string, context: Context, uids: readonly number[]): void {
  for (const uid of uids) {
    context.results.push(uid)
    context.members.add(uid)
  }
  write(session, tag, context, 'ADDTO', inSets(view, context, uids))
}

/** Each in its place among the results as they are by then. */
function insert(
  session: Session,
  view: View,
  tag: string,
  context: Context,
  uids: readonly number[],
  order: readonly SortKey[],
): void {
  const { read } = session.given.store
  const columns = order.map(({ column }) => column)
  const compare = comparing(order)
  const rowOf = (uid: number): SortRow | undefined => read.sortRows(view.watch.id, [uid], columns)[0]
  const pairs: string[] = []
  for (const uid of uids) {
    const row = rowOf(uid)
    if (!row) continue // it went this moment
    let [low, high] = [0, context.results.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = rowOf(context.results[middle]!)
      if (!other) {
        noUpdate(session, tag) // it went, and the client has not been told: nobody knows its place
        return
      }
      if (compare(other, row) < 0) low = middle + 1
      else high = middle
    }
    context.results.splice(low, 0, uid)
    context.members.add(uid)
    pairs.push(`${low + 1} ${numberOf(view, context, uid)}`)
  }
  write(session, tag, context, 'ADDTO', pairs)
}

const numberOf = (view: View, { byUid }: Context, uid: number): number => (byUid ? uid : view.sequence(uid))

/** Position 0: the results are in no order (§4.3.1). */
const inSets = (view: View, context: Context, uids: readonly number[]): string[] => {
  const numbers = uids.map((uid) => numberOf(view, context, uid))
  return numbers.length ? [`0 ${[...setParts(numbers)].join(',')}`] : []
}

/** Pairs in one line: clients read lines into buffers. */
const perLine = 200

function write(session: Session, tag: string, { byUid }: Context, word: string, pairs: readonly string[]): void {
  for (let at = 0; at < pairs.length; at += perLine)
    session.out.line(
      `* ESEARCH (TAG "${tag}")${byUid ? ' UID' : ''} ${word} (${pairs.slice(at, at + perLine).join(' ')})`,
    )
}
