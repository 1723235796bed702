import type { Statements } from '#kit/store/statements.ts'
import type { SortColumn, SortRow, ThreadRow } from '../port.ts'
import { messageId } from './schema.ts'

/** A message whose date cannot be read counts by its arrival (RFC 5256 §2.2). */
const sent = 'coalesce(l.sent_at, m.internal_date)'
const columnOf: Record<SortColumn, string> = {
  subject: 'l.subject',
  from: 'l.sender',
  to: 'l.recipient',
  cc: 'l.copied',
  fromName: 'l.sender_name',
  toName: 'l.recipient_name',
  sent,
  arrived: 'm.internal_date',
  size: 'm.size',
}
const listed = `from json_each(?) u join message m on m.id = u.value join listing l on l.content = m.content order by m.id`

const ids = (mailbox: number, uids: readonly number[]): string =>
  JSON.stringify(uids.map((uid) => messageId(mailbox, uid)))

export function sortRows(
  sql: Statements,
  mailbox: number,
  uids: readonly number[],
  columns: readonly SortColumn[],
): SortRow[] {
  // in one order, so that there are no more texts of statements than sets of columns
  const asked = (Object.keys(columnOf) as SortColumn[]).filter((each) => columns.includes(each))
  const selected = asked.map((each) => `, ${columnOf[each]} as "${each}"`).join('')
  return sql.all<SortRow>(`select m.id & 4294967295 as uid${selected} ${listed}`, ids(mailbox, uids))
}

type Stored = { uid: number; subject: string; reply: number; sent: number; message: Uint8Array; named: Uint8Array }

export function threadRows(sql: Statements, mailbox: number, uids: readonly number[]): ThreadRow[] {
  return sql
    .all<Stored>(
      `select m.id & 4294967295 as uid, l.subject, l.reply, ${sent} as sent, l.message_key as message, l.reference_keys as named ${listed}`,
      ids(mailbox, uids),
    )
    .map((r) => ({
      uid: r.uid,
      subject: r.subject,
      reply: r.reply === 1,
      sent: r.sent,
      messageKey: Buffer.from(r.message).toString('latin1'),
      referenceKeys: Buffer.from(r.named).toString('latin1'),
    }))
}
