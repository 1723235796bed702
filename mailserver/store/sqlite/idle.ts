import { crashPoint } from '#kit/process/crash.ts'
import type { Statements } from '#kit/store/statements.ts'
import { removeBlob } from './blobs.ts'
import { releaseContent } from './contents.ts'
import { removeOrKeep } from './deleted.ts'
import { listFields, moveOctets, narrowMessages } from './earlier.ts'
import { dropIncomplete } from './files.ts'
import { HANDOVER_KEPT } from './handovers.ts'
import { writeIndex } from './indexing.ts'
import { fillListings } from './listings.ts'
import { type MessageRecord, messageColumns } from './messages.ts'
import { messageId } from './schema.ts'
import { rememberWords } from './search/words.ts'
import { newTx, type Tx } from './tx.ts'

/** Rows in one step: a job that arrives meanwhile waits for one step. */
const STEP = 500
/** Octets of mail that could not be sent are kept so long, for a second try by hand. */
const ENDED_OCTETS_KEPT = 7 * 24 * 3600 * 1000
/** What became of a mail can be asked for so long: a quarter, in which its sender's deadlines fall. */
const ENDED_ROWS_KEPT = 92 * 24 * 3600 * 1000
/** Free pages are given back when there are more than this (16 MB); the next deliveries use fewer. */
const FREE_PAGES = 2048
const VACUUM_PAGES = 500

/**
 * One step of what may wait: rows of the full-text index, rows of deleted mailboxes (out, or to where they can be restored from), remembered hand-overs past their time, ended rows of the queue,
 * what an earlier version kept elsewhere, free pages.
 * @returns whether there is more to do
 */
export function idleStep(sql: Statements, dir: string): boolean {
  return (
    indexStep(sql, dir) ||
    inStep(sql, dir, emptyDoomed) ||
    inStep(sql, dir, forgetHandovers) ||
    inStep(sql, dir, forgetEnded) ||
    inStep(sql, dir, dropIncomplete) ||
    inStep(sql, dir, fillListings) ||
    inStep(sql, dir, narrowMessages) ||
    inStep(sql, dir, moveOctets) ||
    inStep(sql, dir, listFields) ||
    vacuum(sql)
  )
}

/** One step of writing the full-text index. @returns whether there was anything to do */
export const indexStep = (sql: Statements, dir: string): boolean => inStep(sql, dir, writeIndex)

function inStep(sql: Statements, dir: string, work: (tx: Tx) => boolean): boolean {
  const tx = newTx(sql, dir)
  sql.run('begin immediate')
  try {
    if (!work(tx)) {
      sql.run('rollback')
      return false
    }
    crashPoint('store.beforeHousekeeping')
    sql.run('commit')
    crashPoint('store.afterHousekeeping')
    rememberWords(tx)
    for (const sha of tx.dropped) removeBlob(dir, sha)
    return true
  } catch (err) {
    if (sql.db.isTransaction) sql.run('rollback')
    throw err
  }
}

/** Each of these returns whether it changed anything; a step that changed nothing is rolled back. */
function emptyDoomed(tx: Tx): boolean {
  const doomed = tx.sql.get<{ id: number; account: number; path: string; by: string | null; at: number }>(
    'select id, account, path, doomed_by as by, doomed_at as at from mailbox where doomed = 1 limit 1',
  )
  if (!doomed) return false
  const rows = tx.sql.all<MessageRecord>(
    `select ${messageColumns} from message where id > ? and id < ? limit ${STEP}`,
    messageId(doomed.id, 0),
    messageId(doomed.id + 1, 0),
  )
  // what it held was taken out of its account's counters when it was deleted, so it is counted as hidden from then on
  removeOrKeep(tx, { ...doomed, hidden: true }, rows, doomed.by === null ? undefined : { by: doomed.by, at: doomed.at })
  if (rows.length < STEP) {
    tx.sql.run('delete from vanished where mailbox = ?', doomed.id)
    tx.sql.run('delete from changed where mailbox = ?', doomed.id)
    tx.sql.run('delete from metadata where mailbox = ?', doomed.id)
    tx.sql.run('delete from mailbox where id = ?', doomed.id)
  }
  return true
}

/** Time is the newest hand-over's, not this machine's: what is compared was given by the same clock. */
function forgetHandovers(tx: Tx): boolean {
  return (['handover', 'submission'] as const)
    .map((table) => {
      const newest = tx.sql.get<{ at: number }>(`select at from ${table} order by n desc limit 1`)
      if (!newest) return false
      const old = tx.sql
        .all<{ n: number; at: number }>(`select n, at from ${table} order by n limit ${STEP}`)
        // those of the future are of a clock that has been put back; they would stand before the others for the length of the jump
        .filter((row) => Math.abs(newest.at - row.at) > HANDOVER_KEPT)
      for (const { n } of old) tx.sql.run(`delete from ${table} where n = ?`, n)
      return old.length > 0
    })
    .includes(true)
}

/** Both ways of ending; `next_at` of an ended row is when it was last due, which the index knows. */
function forgetEnded(tx: Tx): boolean {
  const newest = tx.sql.get<{ at: number }>('select queued_at as at from queue order by id desc limit 1')
  if (!newest) return false
  const octets = tx.sql.all<{ id: number; content: number }>(
    `select id, content from queue where state = 'failed' and next_at < ?1 and ended_at < ?1 and content is not null limit ${STEP}`,
    newest.at - ENDED_OCTETS_KEPT,
  )
  for (const { id, content } of octets) {
    tx.sql.run('update queue set content = null where id = ?', id)
    releaseContent(tx, content)
  }
  const rows = (['done', 'failed'] as const).flatMap((state) =>
    tx.sql.all<{ id: number }>(
      `select id from queue where state = ?1 and next_at < ?2 and ended_at < ?2 and content is null limit ${STEP}`,
      state,
      newest.at - ENDED_ROWS_KEPT,
    ),
  )
  for (const { id } of rows) tx.sql.run('delete from queue where id = ?', id)
  return octets.length + rows.length > 0
}

function vacuum(sql: Statements): boolean {
  if (sql.one<{ freelist_count: number }>('pragma freelist_count').freelist_count < FREE_PAGES) return false
  sql.db.exec(`pragma incremental_vacuum(${VACUUM_PAGES})`)
  return true
}
