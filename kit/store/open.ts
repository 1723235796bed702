import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Opens a SQLite file the way every store of ours wants it: WAL, every commit on the disk before it is answered,
 * foreign keys, five seconds of patience with other writers. The folder is made when missing, for this user alone.
 *
 * @param pageSize octets; counts only for a new file
 */
export function openDatabase(
  path: string,
  { readOnly = false, pageSize = 4096 }: { readOnly?: boolean; pageSize?: number } = {},
): DatabaseSync {
  if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(path, { readOnly, timeout: 5_000, enableForeignKeyConstraints: true })
  if (!readOnly)
    db.exec(
      `pragma page_size = ${pageSize}; pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full`,
    )
  return db
}
