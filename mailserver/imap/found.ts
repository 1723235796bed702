/** The messages that a SEARCH, SORT or THREAD is about, and what RFC 7162 wants to be said of them. */
import type { MailboxId, SearchKey } from '#mailserver/store/port.ts'
import { type FlagKey, flagTest, isAboutFlags } from './flagkeys.ts'
import type { KeptFlags } from './keptflags.ts'
import { sliceFlags, sliceRows } from './limits.ts'
import type { SearchArguments } from './parse/search.ts'
import { mustHave } from './places.ts'
import type { Progress } from './progress.ts'
import { resolveKey } from './resolve.ts'
import type { Session } from './session.ts'
import { lastUidThereIs, type View } from './view.ts'
import type { MailboxWatch } from './watch.ts'

/** UIDs of the view that match, ascending. The store looks through a bounded piece at a time. @throws BadSyntax */
export async function findUids(
  session: Session,
  view: View,
  asked: SearchArguments,
  progress: Progress,
): Promise<number[]> {
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
  const from = isAboutFlags(key) ? await findInMemory(session, view, key, found, progress) : 1
  if (from > view.lastUid) return found
  let done = from - 1
  const looked = (upTo: number) => {
    done = upTo
  }
  for (const slice of session.given.store.read.searchSlices(view.watch.id, key, { after: from - 1, looked })) {
    for (const uid of slice) if (view.sequence(uid)) found.push(uid)
    progress.look({ done: view.countUpTo(done), goal: view.count })
    await session.turn()
  }
  return found
}

/** @returns the UID from which on the store must be asked: flags are not, or no more, in memory */
async function findInMemory(
  session: Session,
  view: View,
  key: FlagKey,
  found: number[],
  progress: Progress,
): Promise<number> {
  const { watch } = view
  if (!watch.flags) await watch.load(() => session.turn())
  let from = 1
  let tested: KeptFlags | undefined
  let matches: ReturnType<typeof flagTest> | undefined
  while (from <= view.lastUid) {
    const { flags } = watch
    if (!flags) break
    if (flags !== tested) matches = flagTest(key, flags, watch)
    tested = flags
    const { places, next } = view.known(from, lastUidThereIs, sliceFlags)
    for (const place of places) if (matches!(place)) found.push(watch.uids[place]!)
    from = next
    progress.look({ done: view.countUpTo(from - 1), goal: view.count })
    await session.turn()
  }
  return from
}

/** RFC 7162 §3.1.5: the highest mod-sequence of these messages. */
export async function highestModseq(
  session: Session,
  mailbox: MailboxId,
  uids: readonly number[],
  watch?: MailboxWatch,
): Promise<number> {
  let highest = 0
  const flags = watch?.flags
  if (watch && flags) {
    for (const uid of uids) {
      const place = watch.placeOf(uid)
      if (place >= 0) highest = Math.max(highest, flags.modseq(place))
    }
    return highest
  }
  for (let at = 0; at < uids.length; at += sliceRows) {
    const ranges = uids.slice(at, at + sliceRows).map((uid): [number, number] => [uid, uid])
    for (const row of session.given.store.read.rows(mailbox, { ranges, limit: sliceRows }))
      highest = Math.max(highest, row.modseq)
    await session.turn()
  }
  return highest
}
