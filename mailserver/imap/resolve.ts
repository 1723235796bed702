/** From a search as asked to one that the store understands: numbers become UIDs, ages become instants. */
import type { SearchKey } from '#mailserver/store/port.ts'
import type { AskedKey } from './parse/search.ts'
import type { Session } from './session.ts'
import { lastUidThereIs, type UidRange, type View } from './view.ts'

const nobody: SearchKey = { key: 'not', of: { key: 'all' } }

/** @throws BadSyntax for sequence numbers that do not exist */
export function resolveKey(session: Session, view: View, asked: AskedKey, now: number): SearchKey {
  switch (asked.key) {
    case 'and':
    case 'or':
      return { key: asked.key, of: asked.of.map((each) => resolveKey(session, view, each, now)) }
    case 'not':
      return { key: 'not', of: resolveKey(session, view, asked.of, now) }
    case 'set':
      return uids(view.resolve(asked.set, asked.byUid, session.saved))
    case 'recent': {
      const recent = session.rev2 || view.readOnly ? nobody : uids([[view.recentFrom, lastUidThereIs]])
      return asked.recent ? recent : { key: 'not', of: recent }
    }
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
