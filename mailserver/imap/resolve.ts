/** From a search as asked to one that the store understands: numbers become UIDs, ages become instants. */
import type { SearchKey } from '#mailserver/store/port.ts'
import { UidRequired } from './parse/scanner.ts'
import type { AskedKey } from './parse/search.ts'
import type { SequenceSet } from './parse/sequence.ts'
import type { Session } from './session.ts'
import { lastUidThereIs, type UidRange, type View } from './view.ts'

export const nobody: SearchKey = { key: 'not', of: { key: 'all' } }

/** What only the mailbox knows in which is searched. */
export type Here = { set(set: SequenceSet, byUid: boolean): UidRange[]; recent: SearchKey }

/** @throws BadSyntax for sequence numbers that do not exist */
export function resolveKey(session: Session, view: View, asked: AskedKey, now: number): SearchKey {
  const here: Here = {
    set(set, byUid) {
      if (session.uidOnly && !byUid && !set.saved) throw new UidRequired()
      return view.resolve(set, byUid, session.saved)
    },
    recent: session.rev2 || view.readOnly ? nobody : uids([[view.recentFrom, lastUidThereIs]]),
  }
  return resolveIn(here, asked, now)
}

export function resolveIn(here: Here, asked: AskedKey, now: number): SearchKey {
  switch (asked.key) {
    case 'and':
    case 'or':
      return { key: asked.key, of: asked.of.map((each) => resolveIn(here, each, now)) }
    case 'not':
      return { key: 'not', of: resolveIn(here, asked.of, now) }
    case 'set':
      return uids(here.set(asked.set, asked.byUid))
    case 'recent':
      return asked.recent ? here.recent : { key: 'not', of: here.recent }
    case 'younger':
      return { key: 'internal', from: now - asked.seconds * 1000 }
    case 'older':
      return { key: 'internal', to: now - asked.seconds * 1000 + 1 }
    case 'none':
      return nobody
    default:
      return asked
  }
}

const uids = (ranges: UidRange[]): SearchKey => (ranges.length ? { key: 'uid', ranges } : nobody)
