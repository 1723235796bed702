/** CLOSE and UNSELECT (RFC 9051 §6.4.1, §6.4.2): leaves the mailbox, with or without removing \Deleted messages. */
import { announce } from '../announce.ts'
import { mustChange } from '../places.ts'
import { No, ok } from '../reply.ts'
import type { Session } from '../session.ts'
import { lastUidThereIs, type View } from '../view.ts'
import { command, nothing } from './command.ts'
import { highest, removeDeleted } from './expunge.ts'

export const close = command({
  name: 'CLOSE',
  when: 'selected',
  read: nothing,
  async run(session) {
    const view = session.selected
    let code: string | undefined
    try {
      if (!view.readOnly) {
        mustChange(session, view, 'e')
        if (session.qresync) await announce(session, { expunge: true })
        const { uids, modseq } = await removeDeleted(session, view)
        if (uids.length) code = highest(session, knowsAllBut(session, view, uids) ? modseq : view.flagsModseq)
      }
    } catch (error) {
      if (!(error instanceof No)) throw error // what may not be removed stays; the mailbox is left all the same
    }
    session.unselect()
    return ok('CLOSE completed', code)
  },
})

/**
 * RFC 7162 §3.2.8: CLOSE tells of no message that it removes; the client knows which it marked. What others changed in the same
 * moment it must hear of when it comes again, so the mod-sequence given may not cover that.
 */
function knowsAllBut(session: Session, view: View, uids: readonly number[]): boolean {
  const { read } = session.given.store
  const removed = new Set(uids)
  const changed = read.rows(view.watch.id, { ranges: [[1, lastUidThereIs]], changedSince: view.flagsModseq, limit: 1 })
  return changed.length === 0 && read.vanished(view.watch.id, view.listModseq).every((uid) => removed.has(uid))
}

export const unselect = command({
  name: 'UNSELECT',
  when: 'selected',
  read: nothing,
  run(session) {
    session.unselect()
    return ok('UNSELECT completed')
  },
})
