/** DELETE (RFC 9051 §6.3.5). A mailbox with children stays: deleting a tree by one slip is not undone by anything. */
import type { Scanner } from '../parse/scanner.ts'
import { find, isRecord, mustHave, separator } from '../places.ts'
import { No, ok, sentences } from '../reply.ts'
import { command } from './command.ts'

export const readOneName = (args: Scanner): Buffer => {
  args.space()
  const name = args.astring('a mailbox name')
  args.maySpace()
  args.end()
  return name
}

export const del = command({
  name: 'DELETE',
  when: 'signed-in',
  read: readOneName,
  async run(session, name) {
    const { place, mailbox } = find(session, name)
    if (isRecord(mailbox)) throw new No('CANNOT', sentences.appendOnly)
    mustHave(session, { mailbox }, 'x')
    if (place.path === 'INBOX') throw new No('CANNOT', 'Không thể xóa hộp thư đến. / INBOX stays.')
    const { store, now } = session.given
    if (store.read.mailboxes(place.account.id).some((each) => each.path.startsWith(`${place.path}${separator}`)))
      throw new No('HASCHILDREN', 'Hãy xóa các thư mục con trước. / The mailbox has children.')
    if (session.view?.watch.id === store.read.mailbox(place.account.id, place.path)?.id) session.unselect()
    const keep = { by: session.user.account.address, at: now() }
    const done = await store.write('deleteMailbox', { account: place.account.id, path: place.path, keep })
    if ('refused' in done) {
      if (done.refused === 'missing') throw new No('NONEXISTENT', sentences.missing)
      throw new No(
        'CANNOT',
        done.refused === 'special' ? 'Không thể xóa thư mục hệ thống. / A special folder stays.' : sentences.appendOnly,
      )
    }
    return ok('DELETE completed')
  },
})
