/** NOTIFY (RFC 5465): what the client is told of without asking, in this mailbox and in others. */
import { Notices } from '../notices.ts'
import { notifyEvents, readNotify } from '../parse/notify.ts'
import { everything, readPlace } from '../places.ts'
import { No, ok } from '../reply.ts'
import { firstStatus, listLine } from '../tell.ts'
import { command } from './command.ts'

export const notify = command({
  name: 'NOTIFY',
  when: 'signed-in',
  read: readNotify,
  async run(session, { status, groups, unsupported }) {
    if (unsupported !== undefined)
      throw new No(`BADEVENT (${notifyEvents.join(' ')})`, `the event ${JSON.stringify(unsupported)} is not told here`)
    const filters = groups.map((group) => ({ ...group, names: group.names.map((name) => readPlace(session, name)) }))
    session.notices ??= new Notices(session)
    session.notices.refresh()
    session.notices.set(filters)
    if (groups.length) session.view?.stir() // §3.1: NOTIFY SET implies a NOOP
    const messageNames = new Set(
      filters.flatMap(({ filter, names, events }) => (filter === 'mailboxes' && events.has('MessageNew') ? names : [])),
    )
    if (!status && messageNames.size === 0) return ok('NOTIFY completed')
    for (const located of everything(session)) {
      // §3.1: may be listed, but not read
      if (messageNames.has(located.place.name) && !located.place.rights.includes('r'))
        session.out.line(listLine(session, located, ['\\NoAccess']))
      const line = status ? firstStatus(session, session.notices, located) : undefined
      if (line) session.out.line(line)
      await session.out.drained()
      await session.turn()
    }
    return ok('NOTIFY completed')
  },
})
