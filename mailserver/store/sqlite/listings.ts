import { hash } from 'node:crypto'
import { subsystem } from '#kit/log.ts'
import type { Statements } from '#kit/store/statements.ts'
import { readFields } from '#mailserver/mime/fields.ts'
import { listingOf } from '#mailserver/mime/listing.ts'
import type { Listing, MimePart } from '#mailserver/mime/part.ts'
import { readContent, readRange } from './octets.ts'
import type { Tx } from './tx.ts'

/** Octets of a Message-ID's hash: of a thousand million different ones, two are the same with a chance of 3 in 100. */
export const KEY_OCTETS = 8
/** Of a message's references, these many of the nearest, and the first, decide to which thread it belongs. */
const NEAREST = 20
/** Contents that one idle step reads again: some milliseconds. */
const FILL_STEP = 50

const log = subsystem('store')

type Sql = { readonly sql: Statements }

export const keyOf = (messageId: string): Uint8Array =>
  messageId === '' ? new Uint8Array() : hash('sha256', messageId, 'buffer').subarray(0, KEY_OCTETS)

/**
 * The content's row in `listing`, and its thread (RFC 8474 §5.2): that of its Message-ID when an answer came first, else
 * that of the nearest message which it names and which somebody here has or has named, else a new one. It never changes. It
 * is one for the cell, not for each account, since messages with the same EMAILID must have the same THREADID.
 */
export function addListing(tx: Sql, content: number, l: Listing, fieldLines: string | null): void {
  const message = keyOf(l.messageId)
  const references = Buffer.concat(l.references.map(keyOf))
  const keys = threadKeys(message, references)
  let thread = content
  for (const key of keys) {
    const known = tx.sql.get<{ thread: number }>('select thread from thread_key where key = ?', key)
    if (!known) continue
    thread = known.thread
    break
  }
  for (const key of keys)
    tx.sql.run(
      'insert into thread_key (key, thread, holders) values (?, ?, 1) on conflict (key) do update set holders = holders + 1',
      key,
      thread,
    )
  tx.sql.run(
    `insert into listing (content, thread, subject, reply, sender, recipient, copied, sender_name, recipient_name, sent_at,
     message_key, reference_keys, preview, field_lines) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    content,
    thread,
    l.subject,
    l.reply ? 1 : 0,
    l.from,
    l.to,
    l.cc,
    l.fromName,
    l.toName,
    l.sentAt ?? null,
    message,
    references,
    l.preview,
    fieldLines,
  )
}

/** With the content; a Message-ID keeps its thread as long as one content is or names it. */
export function dropListing(tx: Sql, content: number): void {
  const row = tx.sql.get<{ message: Uint8Array; references: Uint8Array }>(
    'delete from listing where content = ? returning message_key as message, reference_keys as "references"',
    content,
  )
  if (!row) return
  for (const key of threadKeys(row.message, row.references)) {
    const left = tx.sql.get<{ holders: number }>(
      'update thread_key set holders = holders - 1 where key = ? returning holders',
      key,
    )
    if (left?.holders === 0) tx.sql.run('delete from thread_key where key = ?', key)
  }
}

/** Each once: its own, then the references from the nearest to the first. */
function threadKeys(message: Uint8Array, references: Uint8Array): Uint8Array[] {
  const found = new Map<string, Uint8Array>()
  const add = (key: Uint8Array) => {
    if (key.length === KEY_OCTETS) found.set(Buffer.from(key).toString('latin1'), key)
  }
  add(message)
  const n = references.length / KEY_OCTETS
  const at = (i: number) => references.subarray(i * KEY_OCTETS, (i + 1) * KEY_OCTETS)
  for (let i = n - 1; i >= Math.max(0, n - NEAREST); i--) add(at(i))
  if (n > 0) add(at(0))
  return [...found.values()]
}

/** The last of the contents that were stored before there was this table, until an idle step has come to it. */
export const unlistedUpTo = (sql: Statements): number | undefined =>
  sql.get<{ value: number }>("select value from meta where name = 'unlisted'")?.value

/**
 * One idle step of making the rows of such contents (`meta.listed`: up to here it is done), the oldest first, since the first of
 * a thread names it.
 * @returns whether there was anything to do
 */
export function fillListings(tx: Tx): boolean {
  const { sql, dir } = tx
  const last = unlistedUpTo(sql)
  if (last === undefined) return false
  const after = sql.get<{ value: number }>("select value from meta where name = 'listed'")?.value ?? 0
  const rows = sql.all<Unlisted>(
    `select id, structure from content where id > ? and id <= ? order by id limit ${FILL_STEP}`,
    after,
    last,
  )
  for (const row of rows)
    if (!sql.get('select 1 from listing where content = ?', row.id))
      addListing(tx, row.id, readAgain(sql, dir, row), null)
  if (rows.length < FILL_STEP) sql.run("delete from meta where name in ('unlisted', 'listed')")
  else sql.run("insert or replace into meta (name, value) values ('listed', ?)", rows.at(-1)!.id)
  return true
}

export type Unlisted = { id: number; structure: string }

/** From the octets. A message whose octets are damaged has nothing in it: it must not keep the others from being served. */
export function readAgain(sql: Statements, dir: string, row: Unlisted): Listing {
  try {
    return listingFrom(sql, dir, row)
  } catch (err) {
    log.error(
      { err, content: row.id },
      'a message cannot be read again for sorting; the audit says what is wrong with it',
    )
    return listingOf([], '')
  }
}

function listingFrom(sql: Statements, dir: string, { id, structure }: Unlisted): Listing {
  const { headerEnd } = JSON.parse(structure) as MimePart
  const header = Buffer.concat([...readRange(dir, readContent(sql, id), new Uint8Array(), 0, headerEnd)])
  const { text } = sql.one<{ text: string }>('select text from body where content = ?', id)
  return listingOf(readFields(header, 0, header.length), text)
}
