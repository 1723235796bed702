/** RENAME (RFC 9051 §6.3.6). Renaming INBOX moves its messages to the new name and leaves INBOX empty. */
import type { Scanner } from '../parse/scanner.ts'
import { find, isRecord, locateNew, mustHave, separator } from '../places.ts'
import { No, ok, sentences } from '../reply.ts'
import { command } from './command.ts'

function read(args: Scanner): { from: Buffer; to: Buffer } {
  args.space()
  const from = args.astring('a mailbox name')
  args.space()
  const to = args.astring('a mailbox name')
  args.end()
  return { from, to }
}

export const rename = command({
  name: 'RENAME',
  when: 'signed-in',
  read,
  async run(session, asked) {
    const from = find(session, asked.from)
    if (isRecord(from.mailbox) || from.mailbox.type === 'dead') throw refusal('append-only')
    mustHave(session, from, from.place.path === 'INBOX' ? 'rte' : 'x')
    const to = locateNew(session, asked.to)
    if (from.place.account.id !== to.account.id)
      throw new No('CANNOT', 'Không thể chuyển thư mục sang hộp thư khác. / A folder stays in its account.')
    if (to.path.startsWith(`${from.place.path}${separator}`) && from.place.path !== 'INBOX')
      throw new No('CANNOT', 'a mailbox cannot go below itself')
    const done = await session.given.store.write('renameMailbox', {
      account: to.account.id,
      from: from.place.path,
      to: to.path,
    })
    if ('refused' in done) throw refusal(done.refused)
    session.view?.stir() // INBOX may be the selected one, and is empty now
    return ok('RENAME completed')
  },
})

const refusal = (why: 'exists' | 'missing' | 'append-only') =>
  why === 'exists'
    ? new No('ALREADYEXISTS', sentences.exists)
    : why === 'missing'
      ? new No('NONEXISTENT', sentences.missing)
      : new No('CANNOT', sentences.appendOnly)
