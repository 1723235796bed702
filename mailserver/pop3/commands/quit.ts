/**
 * QUIT (RFC 1939 §6): the only place where messages go. The store removes up to 1,000 in one transaction, more in as many as
 * it takes (others wait for the same writer); a connection that is lost before QUIT has removed nothing.
 */
import { nothing } from '../parse/command.ts'
import { err, ok, type Reply, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
import { command } from './command.ts'

export const quit = command({
  name: 'QUIT',
  when: 'always',
  read: nothing,
  async run(session) {
    session.ending = true
    if (!session.drop) return ok('goodbye')
    const reply = await update(session)
    // before the answer: who has it may come again at once, and must not be told that the maildrop is in use
    await session.release?.()
    return reply
  },
})

async function update(session: Session): Promise<Reply> {
  const { given, maildrop } = session
  const uids = maildrop.deleted
  if (uids.length === 0) return ok('goodbye')
  if (!given.accounts.stillGood(session.signedIn!)) return err(sentences.withdrawn, 'AUTH')
  const keep = { by: session.signedIn!.account.address, at: given.now() }
  const done = await given.store.write('expunge', { mailbox: maildrop.mailbox.id, uids, force: true, keep })
  if ('refused' in done) return err(sentences.notDeleted, 'SYS/PERM')
  given.log.info(
    { ref: session.ref, account: session.signedIn!.account.address, messages: done.uids.length },
    'deleted by POP3',
  )
  return ok(`goodbye, ${done.uids.length} messages deleted`)
}
