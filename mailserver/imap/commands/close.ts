/** CLOSE and UNSELECT (RFC 9051 §6.4.1, §6.4.2): leaves the mailbox, with or without removing \Deleted messages. */
import { mustChange } from '../places.ts'
import { No, ok } from '../reply.ts'
import { command, nothing } from './command.ts'
import { removeDeleted } from './expunge.ts'

export const close = command({
  name: 'CLOSE',
  when: 'selected',
  read: nothing,
  async run(session) {
    const view = session.selected
    try {
      if (!view.readOnly) {
        mustChange(session, view, 'e')
        await removeDeleted(session, view)
      }
    } catch (error) {
      if (!(error instanceof No)) throw error // what may not be removed stays; the mailbox is left all the same
    }
    session.unselect()
    return ok('CLOSE completed')
  },
})

export const unselect = command({
  name: 'UNSELECT',
  when: 'selected',
  read: nothing,
  run(session) {
    session.unselect()
    return ok('UNSELECT completed')
  },
})
