import { accountKind, makeMailbox } from '../mailboxes.ts'
import { mailboxAt } from '../messages.ts'
import { cleanPath, mayReshape, typeOf } from '../rules.ts'
import type { Handler } from '../tx.ts'
import { dropNote, emptyInbox, type RenameNote, writeNote } from '../unfinished.ts'

/** `n`: of the note, once there is one */
type Progress = { n: number; note: RenameNote }

/**
 * With everything below it; UIDs and UIDVALIDITY stay. INBOX is never gone: its messages move to the new mailbox and
 * INBOX stays, empty (RFC 9051 §6.3.6) but for what comes meanwhile; interrupted, it is finished later (../unfinished.ts).
 */
export const renameMailbox: Handler<'renameMailbox'> = (tx, { account, ...job }, at) => {
  const from = cleanPath(job.from)
  const to = cleanPath(job.to)
  if (at !== undefined) {
    const { n, note } = at as Progress
    if (emptyInbox(tx, note)) return { next: at }
    dropNote(tx, n)
    return { out: { ok: true } }
  }
  const mailbox = mailboxAt(tx, account, from)
  if (mailbox && !mayReshape(mailbox.type)) return { out: { refused: 'append-only' } }
  if (mailbox && from === 'INBOX') {
    // what lies below INBOX stays there, and so the new name may lie there, too
    if (typeOf(accountKind(tx, account), to) !== 'normal') return { out: { refused: 'append-only' } }
    if (to === from || mailboxAt(tx, account, to)) return { out: { refused: 'exists' } }
    const made = makeMailbox(tx, account, to)
    const note: RenameNote = { job: 'renameInbox', inbox: mailbox.id, to: made.id, last: mailbox.uid_next - 1 }
    if (!emptyInbox(tx, note)) return { out: { ok: true } }
    return { next: { n: writeNote(tx, undefined, note), note } satisfies Progress }
  }
  const below = tx.sql.all<{ id: number; path: string; type: 'normal' }>(
    'select id, path, type from mailbox where account = ? and doomed = 0 and substr(path, 1, ?) = ?',
    account,
    from.length + 1,
    `${from}/`,
  )
  if (!mailbox && below.length === 0) return { out: { refused: 'missing' } }
  if (below.some((b) => !mayReshape(b.type))) return { out: { refused: 'append-only' } }
  if (typeOf(accountKind(tx, account), to) !== 'normal') return { out: { refused: 'append-only' } }
  if (to === from || to.startsWith(`${from}/`) || mailboxAt(tx, account, to)) return { out: { refused: 'exists' } }
  const moves = [...(mailbox ? [mailbox] : []), ...below].map((m) => ({
    id: m.id,
    from: m.path,
    path: to + m.path.slice(from.length),
  }))
  for (const { path } of moves) if (mailboxAt(tx, account, cleanPath(path))) return { out: { refused: 'exists' } }
  for (const { id, path } of moves) tx.sql.run('update mailbox set path = ? where id = ?', path, id)
  tx.changes.push({
    account,
    kind: 'folders',
    events: moves.map((m) => ({ event: 'renamed', mailbox: m.id, path: m.path, from: m.from })),
  })
  return { out: { ok: true } }
}
