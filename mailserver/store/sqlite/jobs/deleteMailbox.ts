import { forgetAcl } from '../acl.ts'
import { keepsDeleted } from '../deleted.ts'
import { accountKind } from '../mailboxes.ts'
import { mailboxAt } from '../messages.ts'
import { cleanPath, mayReshape } from '../rules.ts'
import type { Handler } from '../tx.ts'

/**
 * Gone for everyone at once; its rows follow in idle slices (../idle.ts), to be restored where `keep` says so. Mailboxes below it stay. INBOX and folders
 * with a special use stay too: programs would make them again, each in its own way.
 */
export const deleteMailbox: Handler<'deleteMailbox'> = (tx, { account, path, keep }) => {
  const mailbox = mailboxAt(tx, account, cleanPath(path))
  if (!mailbox) return { out: { refused: 'missing' } }
  if (!mayReshape(mailbox.type)) return { out: { refused: 'append-only' } }
  const row = tx.sql.one<{ special_use: string | null; messages: number; octets: number }>(
    'select special_use, messages, octets from mailbox where id = ?',
    mailbox.id,
  )
  if (mailbox.path === 'INBOX' || row.special_use) return { out: { refused: 'special' } }
  const kept = keep && keepsDeleted(accountKind(tx, account)) ? keep : undefined
  tx.sql.run(
    'update mailbox set doomed = 1, doomed_by = ?, doomed_at = ? where id = ?',
    kept?.by ?? null,
    kept?.at ?? null,
    mailbox.id,
  )
  forgetAcl(tx, mailbox.id)
  tx.sql.run(
    'update account set messages = messages - ?, octets = octets - ? where id = ?',
    row.messages,
    row.octets,
    account,
  )
  tx.changes.push({ account, kind: 'folders', events: [{ event: 'deleted', mailbox: mailbox.id, path: mailbox.path }] })
  return { out: { ok: true } }
}
