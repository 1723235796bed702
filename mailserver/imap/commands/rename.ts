/** RENAME (RFC 9051 §6.3.6). Renaming INBOX moves its messages to the new name and leaves INBOX empty. */
import type { Scanner } from '../parse/scanner.ts'
import { find, isRecord, type Located, locateNew, mustHave, type Place, separator } from '../places.ts'
import { No, ok, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
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
    if (from.place.path === 'INBOX') await moveInbox(session, from, to)
    else {
      const done = await session.given.store.write('renameMailbox', {
        account: to.account.id,
        from: from.place.path,
        to: to.path,
      })
      if ('refused' in done) throw refusal(done.refused)
    }
    return ok('RENAME completed')
  },
})

async function moveInbox(session: Session, inbox: Located, to: Place): Promise<void> {
  const { store } = session.given
  if (inbox.mailbox.type !== 'normal') throw refusal('append-only')
  const made = await store.write('createMailbox', { account: to.account.id, path: to.path })
  if ('refused' in made) throw refusal(made.refused)
  const moved = await store.write('copy', {
    from: inbox.mailbox.id,
    uids: [...store.read.uids(inbox.mailbox.id)],
    to: made.mailbox.id,
    move: true,
  })
  if ('refused' in moved) throw refusal('append-only')
  session.view?.stir()
}

const refusal = (why: 'exists' | 'missing' | 'append-only') =>
  why === 'exists'
    ? new No('ALREADYEXISTS', sentences.exists)
    : why === 'missing'
      ? new No('NONEXISTENT', sentences.missing)
      : new No('CANNOT', sentences.appendOnly)
