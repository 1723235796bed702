import type { Statements } from '#kit/store/statements.ts'
import type { Listing } from '#mailserver/mime/part.ts'
import { MessageGone, type SortColumn, type SortRow, type ThreadRow } from '../port.ts'
import { keyOf, readAgain, type Unlisted, unlistedUpTo } from './listings.ts'
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
  dir: string,
  mailbox: number,
  uids: readonly number[],
  columns: readonly SortColumn[],
): SortRow[] {
  // in one order, so that there are no more texts of statements than sets of columns
  const asked = (Object.keys(columnOf) as SortColumn[]).filter((each) => columns.includes(each))
  const selected = asked.map((each) => `, ${columnOf[each]} as "${each}"`).join('')
  return withUnlisted(
    sql,
    dir,
    ids(mailbox, uids),
    (which) => sql.all<SortRow>(`select m.id & 4294967295 as uid${selected} ${listed}`, which),
    ({ uid, arrived, size }, l) => {
      const all = { ...l, sent: l.sentAt ?? arrived, arrived, size }
      return Object.assign({ uid }, ...asked.map((each) => ({ [each]: all[each] }))) as SortRow
    },
  )
}

type Stored = { uid: number; subject: string; reply: number; sent: number; message: Uint8Array; named: Uint8Array }

export function threadRows(sql: Statements, dir: string, mailbox: number, uids: readonly number[]): ThreadRow[] {
  return withUnlisted(
    sql,
    dir,
    ids(mailbox, uids),
    (which) =>
      sql
        .all<Stored>(
          `select m.id & 4294967295 as uid, l.subject, l.reply, ${sent} as sent, l.message_key as message, l.reference_keys as named ${listed}`,
          which,
        )
        .map((r) => ({
          uid: r.uid,
          subject: r.subject,
          reply: r.reply === 1,
          sent: r.sent,
          messageKey: latin1(r.message),
          referenceKeys: latin1(r.named),
        })),
    ({ uid, arrived }, l) => ({
      uid,
      subject: l.subject,
      reply: l.reply,
      sent: l.sentAt ?? arrived,
      messageKey: latin1(keyOf(l.messageId)),
      referenceKeys: l.references.map((each) => latin1(keyOf(each))).join(''),
    }),
  )
}

const latin1 = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1')

/** @throws MessageGone */
export function listingFor(sql: Statements, dir: string, content: number): { thread?: number; preview: string } {
  const row = sql.get<{ thread: number; preview: string }>(
    'select thread, preview from listing where content = ?',
    content,
  )
  if (row) return { ...row }
  const unlisted = sql.get<Unlisted>('select id, structure from content where id = ?', content)
  if (!unlisted) throw new MessageGone(`content ${content}`)
  return { preview: readAgain(sql, dir, unlisted).preview }
}

type Bare = { uid: number; arrived: number; size: number }

/** Rows of contents that an earlier version stored, and that no idle slice has come to, are made from their octets. */
function withUnlisted<Row extends { uid: number }>(
  sql: Statements,
  dir: string,
  which: string,
  read: (which: string) => Row[],
  made: (message: Bare, listing: Listing) => Row,
): Row[] {
  if (unlistedUpTo(sql) === undefined) return read(which)
  sql.run('begin') // a slice of the filling must not fall between the two
  try {
    const others = sql
      .all<Bare & Unlisted>(
        `select m.id & 4294967295 as uid, m.internal_date as arrived, m.size, c.id, c.structure
         from json_each(?) u join message m on m.id = u.value join content c on c.id = m.content
         where not exists (select 1 from listing l where l.content = m.content)`,
        which,
      )
      .map((row) => made(row, readAgain(sql, dir, row)))
    return [...read(which), ...others].sort((a, b) => a.uid - b.uid)
  } finally {
    sql.run('commit')
  }
}
