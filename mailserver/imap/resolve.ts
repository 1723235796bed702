/** From a search as asked to one that the store understands: numbers become UIDs, ages become instants. */
import type { SearchKey } from '#mailserver/store/port.ts'
import { sliceRows } from './limits.ts'
import type { AskedKey } from './parse/search.ts'
import type { Session } from './session.ts'
import { lastUidThereIs, type UidRange, type View } from './view.ts'
import { emailId } from './write/fetch.ts'

const nobody: SearchKey = { key: 'not', of: { key: 'all' } }

/** @throws BadSyntax for sequence numbers that do not exist */
export async function resolveKey(session: Session, view: View, asked: AskedKey, now: number): Promise<SearchKey> {
  switch (asked.key) {
    case 'and':
    case 'or': {
      const of: SearchKey[] = []
      for (const each of asked.of) of.push(await resolveKey(session, view, each, now))
      return { key: asked.key, of }
    }
    case 'not':
      return { key: 'not', of: await resolveKey(session, view, asked.of, now) }
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
    case 'emailid':
      return withContent(session, view, asked.id)
    case 'none':
      return nobody
    default:
      return asked
  }
}

const uids = (ranges: UidRange[]): SearchKey => (ranges.length ? { key: 'uid', ranges } : nobody)

/** Few messages of a mailbox share one content; they are found by going through the rows. */
async function withContent(session: Session, view: View, id: string): Promise<SearchKey> {
  const found: UidRange[] = []
  for (let from = 1; ; ) {
    const rows = session.given.store.read.rows(view.watch.id, { ranges: [[from, lastUidThereIs]], limit: sliceRows })
    for (const row of rows) if (emailId(row.content) === id) found.push([row.uid, row.uid])
    await session.turn()
    if (rows.length < sliceRows) return uids(found)
    from = rows.at(-1)!.uid + 1
  }
}
