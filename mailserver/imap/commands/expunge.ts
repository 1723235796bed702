/** EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9). The EXPUNGE lines come from `announce`, as for everybody. */

import { jobRows } from '../limits.ts'
import type { Scanner } from '../parse/scanner.ts'
import { readSequenceSet, type SequenceSet } from '../parse/sequence.ts'
import { mustChange } from '../places.ts'
import { No, ok, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
import type { View } from '../view.ts'
import { command, nothing } from './command.ts'

/** @throws No [CANNOT] in a register */
export async function removeDeleted(session: Session, view: View, uids?: readonly number[]): Promise<void> {
  const result = await session.given.store.write('expunge', { mailbox: view.watch.id, ...(uids ? { uids } : {}) })
  view.stir()
  if ('refused' in result) throw new No('CANNOT', sentences.appendOnly)
}

function mayRemove(session: Session): View {
  const view = session.selected
  mustChange(session, view, 'e')
  return view
}

export const expunge = command({
  name: 'EXPUNGE',
  when: 'selected',
  read: nothing,
  async run(session) {
    await removeDeleted(session, mayRemove(session))
    return ok('EXPUNGE completed')
  },
})

export const uidExpunge = command({
  name: 'UID EXPUNGE',
  when: 'selected',
  read(args: Scanner): SequenceSet {
    args.space()
    const set = readSequenceSet(args)
    args.end()
    return set
  },
  async run(session, set) {
    const view = mayRemove(session)
    const uids = [...view.within(view.resolve(set, true, session.saved))]
    for (let at = 0; at < uids.length; at += jobRows) await removeDeleted(session, view, uids.slice(at, at + jobRows))
    return ok('UID EXPUNGE completed')
  },
})
