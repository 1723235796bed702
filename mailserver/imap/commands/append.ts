/**
 * APPEND (RFC 9051 §6.3.12), of several messages (RFC 3502), put together from others (RFC 4469), with UTF-8 headers
 * (RFC 6855 §4), within limits that are told (RFC 7889). All of its messages arrive, or none.
 */
import { admitMessage, assembled, target } from '../assemble.ts'
import { type Appended, emptyAppended, readAppended } from '../parse/append.ts'
import { formatSet } from '../parse/sequence.ts'
import { quotaOf } from '../places.ts'
import { No, ok, refused, sentences } from '../reply.ts'
import { command } from './command.ts'

export const append = command({
  name: 'APPEND',
  when: 'signed-in',
  read(args): Appended {
    const appended = emptyAppended()
    readAppended(args, appended, { several: true })
    return appended
  },
  admit: (session, soFar, octets) => admitMessage(session, soFar, octets, { several: true }),
  async run(session, { name, messages }) {
    const to = target(session, name)
    const done = await assembled(session, to, messages, (ready) =>
      session.given.store.write('appendAll', {
        mailbox: to.mailbox.id,
        messages: ready,
        at: session.given.now(),
        ...quotaOf(session, to.place.account),
      }),
    )
    if ('refused' in done)
      throw done.refused === 'replaced-gone' ? new No('NONEXISTENT', sentences.missing) : refused(done.refused)
    if (session.view?.watch.id === to.mailbox.id) session.view.stir()
    return ok('APPEND completed', `APPENDUID ${done.uidValidity} ${formatSet(done.uids)}`)
  },
})
