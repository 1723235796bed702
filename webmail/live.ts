/** New mail on open pages: one waiting IMAP connection for each person who has a page open, none for the others. */
import { subsystem } from '#kit/log.ts'
import { Refusal } from '#kit/refusal.ts'
import type { Session, Sessions } from '#kit/web/session.ts'
import type { Hub } from '#kit/web/sse.ts'
import type { MailConnections } from '#webmail/connections.ts'

const log = subsystem('webmail:live')
/** How often a watch looks whether its person still has a page open. */
const lookMs = 30_000

export function watchInboxes(given: { hub: Hub; sessions: Sessions; connections: MailConnections }): Disposable {
  const stop = new AbortController()
  const watched = new Set<string>()
  const follow = async (person: string, session: Session) => {
    await using account = await given.connections.watch(session)
    const own = AbortSignal.any([stop.signal])
    for await (const _ of account.changes('INBOX', { signal: own, everyMs: lookMs })) {
      if (!given.hub.people().includes(person)) return
      const { unseen } = await account.counts('INBOX')
      given.hub.send(person, 'count', { app: 'mail', n: unseen, words: 'thư chưa đọc', hot: false })
      given.hub.send(person, 'changed', { topic: 'mail' })
    }
  }
  given.hub.onJoin((person) => {
    if (watched.has(person)) return
    const [session] = given.sessions.of(person)
    if (!session) return
    watched.add(person)
    follow(person, session)
      .catch((err) => {
        if (err instanceof Refusal) log.info({ person, why: err.message }, 'watching ended')
        else log.warn({ person, err }, 'watching failed; the next page starts it again')
      })
      .finally(() => watched.delete(person))
  })
  return { [Symbol.dispose]: () => stop.abort() }
}
