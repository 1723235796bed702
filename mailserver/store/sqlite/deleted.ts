/**
 * Deleted messages: rows like all others, in a mailbox of their account that nobody sees (`doomed = 2`), and one line each of
 * where they lay. They hold their contents, are found by the same index, and are in no counter but that mailbox's own.
 */
import type { Keep } from '../port.ts'
import { DELETED, DRAFT } from './flags.ts'
import { accountKind, makeDeletedMailbox } from './mailboxes.ts'
import { type MessageRecord, moveMessages, type Place, removeMessages } from './messages.ts'
import { messageId } from './schema.ts'
import type { Tx } from './tx.ts'

/** A register's mail is removed by nobody, and a process's own account restores nothing. */
export const keepsDeleted = (kind: string): boolean => kind === 'person' || kind === 'office'

export type DeletedMailbox = Place & { hidden: true; octets: number; messages: number }

export function deletedMailbox(tx: Tx, account: number): DeletedMailbox | undefined {
  const row = tx.sql.get<{ id: number; octets: number; messages: number }>(
    'select id, octets, messages from mailbox where account = ? and doomed = 2',
    account,
  )
  return row && { ...row, account, hidden: true }
}

/** Messages leave their mailbox, for good or to where they can be restored from. At most SLICE rows at a time. @returns as `removeMessages` */
export function removeOrKeep(
  tx: Tx,
  from: Place & { path: string },
  rows: readonly MessageRecord[],
  keep: Keep | undefined,
): number {
  if (!keep || rows.length === 0 || !keepsDeleted(accountKind(tx, from.account))) return removeMessages(tx, from, rows)
  const drafts = isDrafts(tx, from.id)
  const replaced = drafts ? rows.filter((r) => r.flags & DRAFT) : []
  const kept = drafts ? rows.filter((r) => !(r.flags & DRAFT)) : rows
  const modseq = replaced.length > 0 ? removeMessages(tx, from, replaced) : 0
  return kept.length === 0 ? modseq : keepMessages(tx, from, kept, keep)
}

function keepMessages(
  tx: Tx,
  from: Place & { path: string },
  rows: readonly MessageRecord[],
  { by, at }: Keep,
): number {
  const to = deletedMailbox(tx, from.account) ?? makeDeletedMailbox(tx, from.account)
  const { uid, modseq } = moveMessages(tx, from, { ...to, hidden: true }, rows, {
    savedAt: at,
    flags: ({ flags, keywords }) => ({ flags: flags & ~DELETED, keywords }),
  })
  for (let i = 0; i < rows.length; i++)
    tx.sql.run(
      'insert into deleted (message, mailbox, path, by, at) values (?, ?, ?, ?, ?)',
      messageId(to.id, uid + i),
      from.id,
      from.path,
      by,
      at,
    )
  return modseq
}

const isDrafts = (tx: Tx, mailbox: number): boolean =>
  tx.sql.get("select 1 from mailbox where id = ? and special_use = '\\Drafts'", mailbox) !== undefined

/** They are deleted messages no more; their rows go elsewhere, or away, in the same transaction. */
export function forgetDeleted(tx: Tx, rows: readonly MessageRecord[]): void {
  tx.sql.run(
    'delete from deleted where message in (select value from json_each(?))',
    JSON.stringify(rows.map((r) => r.id)),
  )
}
