import type { SpecialUse } from '../../port.ts'
import { mailboxOrNew } from '../mailboxes.ts'
import type { Handler } from '../tx.ts'

const ordinary: readonly [path: string, use?: SpecialUse][] = [
  ['INBOX'],
  ['Drafts', '\\Drafts'],
  ['Sent', '\\Sent'],
  ['Junk', '\\Junk'],
  ['Trash', '\\Trash'],
  ['Archive', '\\Archive'],
]
const register: typeof ordinary = [['INBOX'], ['Ledger'], ['Handled'], ['Dead letters']]

/** Idempotent: an account that is there keeps its kind and its folders, and gets those that it lacks. */
export const openAccount: Handler<'openAccount'> = (tx, { account, kind }) => {
  tx.sql.run('insert into account (id, kind) values (?, ?) on conflict (id) do nothing', account, kind)
  for (const [path, use] of kind === 'register' ? register : ordinary) mailboxOrNew(tx, account, path, use)
  return { out: {} }
}
