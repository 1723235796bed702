/** What stores from before have in other places, moved in idle slices: both are read until it is done. */
import { addPrefix } from './prefixes.ts'
import { fieldLines } from './search/fieldlines.ts'
import type { Tx } from './tx.ts'

/** Rows in one step: a job that arrives meanwhile waits for one step. Those of texts have some twenty kilobytes. */
const STEP = 500
const STEP_OF_TEXTS = 50

type WholeRow = readonly [
  id: number,
  prefix: Uint8Array,
  prefix_n: number | null,
  ...others: readonly (number | string | null)[],
]
const others = 'mailbox, modseq, flags, keywords, internal_date, size, content, saved_at'

/**
 * One step of moving prefixes out of rows from before they stood apart (`meta.wide`: ids up to here are done). What is moved
 * or copied meanwhile becomes narrow by itself. The rows are taken out and put in again: one that only shrinks leaves its page
 * as empty as it has become, and a change of many would still write all those pages.
 * @returns whether there was anything to do
 */
export function narrowMessages(tx: Tx): boolean {
  const done = tx.sql.get<{ value: number }>("select value from meta where name = 'wide'")?.value
  if (done === undefined) return false
  const rows = tx.sql.arrays<WholeRow>(
    `select id, prefix, prefix_n, ${others} from message where id > ? order by id limit ${STEP}`,
    done,
  )
  const last = rows.at(-1)?.[0] ?? done
  tx.sql.run('delete from message where id > ? and id <= ?', done, last)
  for (const [id, prefix, prefix_n, ...rest] of rows)
    tx.sql.run(
      `insert into message (id, prefix, prefix_n, ${others}) values (?, x'', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      prefix_n ?? addPrefix(tx, prefix),
      ...rest,
    )
  if (rows.length < STEP) tx.sql.run("delete from meta where name = 'wide'")
  else tx.sql.run("update meta set value = ? where name = 'wide'", last)
  return true
}

/** The same for octets that stand beside the texts (`meta`: contents up to here are done). */
export function moveOctets(tx: Tx): boolean {
  const done = tx.sql.get<{ value: number }>("select value from meta where name = 'octets in body'")?.value
  if (done === undefined) return false
  const rows = tx.sql.all<{ content: number }>(
    `select content from body where content > ? order by content limit ${STEP_OF_TEXTS}`,
    done,
  )
  const last = rows.at(-1)?.content ?? done
  tx.sql.run(
    `insert into octets (content, segments, octets)
     select content, segments, octets from body where content > ? and content <= ? and segments <> ''`,
    done,
    last,
  )
  tx.sql.run(
    "update body set segments = '', octets = x'' where content > ? and content <= ? and segments <> ''",
    done,
    last,
  )
  if (rows.length < STEP_OF_TEXTS) tx.sql.run("delete from meta where name = 'octets in body'")
  else tx.sql.run("update meta set value = ? where name = 'octets in body'", last)
  return true
}

/** The same for the fields that people search by, of contents that were listed before these were kept there. */
export function listFields(tx: Tx): boolean {
  const done = tx.sql.get<{ value: number }>("select value from meta where name = 'without fields'")?.value
  if (done === undefined) return false
  const rows = tx.sql.arrays<readonly [content: number, header: string]>(
    `select content, header from body where content > ? order by content limit ${STEP_OF_TEXTS}`,
    done,
  )
  for (const [content, header] of rows)
    tx.sql.run('update listing set field_lines = ? where content = ?', fieldLines(header), content)
  if (rows.length < STEP_OF_TEXTS) tx.sql.run("delete from meta where name = 'without fields'")
  else tx.sql.run("update meta set value = ? where name = 'without fields'", rows.at(-1)![0])
  return true
}
