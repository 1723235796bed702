/** EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9). The EXPUNGE lines come from `announce`, as for everybody. */

import { jobRows } from '../limits.ts'
import type { Scanner } from '../parse/scanner.ts'
import { readSequenceSet, type SequenceSet } from '../parse/sequence.ts'
import { mustChange } from '../places.ts'
import { No, ok, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
import type { View } from '../view.ts'
import { command, nothing } from './command.ts'

/** @returns what is gone, and the mailbox's mod-sequence after that @throws No [CANNOT] in a register */
export async function removeDeleted(
  session: Session,
  view: View,
  uids?: readonly number[],
): Promise<{ uids: number[]; modseq: number }> {
  const { store, now } = session.given
  const keep = { by: session.user.account.address, at: now() }
  const result = await store.write('expunge', { mailbox: view.watch.id, ...(uids ? { uids } : {}), keep })
  view.stir()
  if ('refused' in result) throw new No('CANNOT', sentences.appendOnly)
  return result
}

/** RFC 7162 §3.2.7, §3.2.9: up to where the client knows everything, once `announce` has told it. */
export const highest = (session: Session, modseq: number): string | undefined =>
  session.qresync && modseq ? `HIGHESTMODSEQ ${modseq}` : undefined

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
    const { uids, modseq } = await removeDeleted(session, mayRemove(session))
    return ok('EXPUNGE completed', uids.length ? highest(session, modseq) : undefined)
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
    let last = 0
    for (let at = 0; at < uids.length; at += jobRows) {
      const gone = await removeDeleted(session, view, uids.slice(at, at + jobRows))
      if (gone.uids.length) last = gone.modseq
    }
    return ok('UID EXPUNGE completed', highest(session, last))
  },
})
