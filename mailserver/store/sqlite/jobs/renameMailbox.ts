import { accountKind, makeMailbox } from '../mailboxes.ts'
import { type MessageRecord, mailboxAt, messageColumns, moveMessages } from '../messages.ts'
import { cleanPath, mayReshape, typeOf } from '../rules.ts'
import { messageId } from '../schema.ts'
import { type Handler, SLICE, type Tx } from '../tx.ts'

/**
 * With everything below it; UIDs and UIDVALIDITY stay. INBOX is never gone: its messages move to the new mailbox and
 * INBOX stays, empty (RFC 9051 §6.3.6). `at` is the new mailbox while that goes on.
 */
export const renameMailbox: Handler<'renameMailbox'> = (tx, { account, ...job }, at) => {
  const from = cleanPath(job.from)
  const to = cleanPath(job.to)
  const mailbox = mailboxAt(tx, account, from)
  if (at !== undefined) return emptyInbox(tx, account, to)
  if (mailbox && !mayReshape(mailbox.type)) return { out: { refused: 'append-only' } }
  if (mailbox && from === 'INBOX') {
    // what lies below INBOX stays there, and so the new name may lie there, too
    if (typeOf(accountKind(tx, account), to) !== 'normal') return { out: { refused: 'append-only' } }
    if (to === from || mailboxAt(tx, account, to)) return { out: { refused: 'exists' } }
    makeMailbox(tx, account, to)
    return emptyInbox(tx, account, to)
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

function emptyInbox(tx: Tx, account: number, to: string): { out: { ok: true } } | { next: true } {
  const inbox = mailboxAt(tx, account, 'INBOX')
  const target = mailboxAt(tx, account, to)
  if (!inbox || !target) return { out: { ok: true } }
  const rows = tx.sql.all<MessageRecord>(
    `select ${messageColumns} from message where id > ? and id < ? order by id limit ${SLICE}`,
    messageId(inbox.id, 0),
    messageId(inbox.id + 1, 0),
  )
  moveMessages(tx, inbox, target, rows, { savedAt: Date.now() })
  return rows.length === SLICE ? { next: true } : { out: { ok: true } }
}
