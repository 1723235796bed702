import { inheritAcl } from '../acl.ts'
import { accountKind, asMailbox, type MailboxRow, mailboxColumns, makeMailbox } from '../mailboxes.ts'
import { mailboxAt } from '../messages.ts'
import { cleanPath, typeOf } from '../rules.ts'
import type { Handler } from '../tx.ts'

/** @throws RangeError for a name that is none (see `cleanPath`) */
export const createMailbox: Handler<'createMailbox'> = (tx, { account, path, specialUse }) => {
  const clean = cleanPath(path)
  if (mailboxAt(tx, account, clean)) return { out: { refused: 'exists' } }
  if (typeOf(accountKind(tx, account), clean) !== 'normal') return { out: { refused: 'append-only' } }
  const { id } = makeMailbox(tx, account, clean, specialUse)
  inheritAcl(tx, account, id, clean)
  return {
    out: { mailbox: asMailbox(tx.sql.one<MailboxRow>(`select ${mailboxColumns} from mailbox where id = ?`, id)) },
  }
}
