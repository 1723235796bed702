/** One SQLite file as it is at one moment, read while others go on writing to it. */
import { closeSync, openSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { openDatabase } from './open.ts'

/** 16 MB at 8 kB a page, between two looks at who else wants the thread. */
const pagesTogether = 2_000

/**
 * The moment is the one at which it is opened: an open read transaction keeps it, and keeps the log of its writers from starting
 * over, so it should not stay open longer than the copy takes.
 */
export class Snapshot implements Disposable {
  readonly db: DatabaseSync

  /** @throws Error when the file is no database */
  constructor(path: string) {
    this.db = openDatabase(path, { readOnly: true })
    try {
      this.db.exec('begin')
      this.db.prepare('select count(*) from sqlite_schema').get() // a transaction begins with its first read
    } catch (err) {
      this.db.close()
      throw err
    }
  }

  /** Writes a new file: one complete database that needs no log beside it, so that it may be read where nothing can be written. */
  async copyTo(path: string): Promise<void> {
    closeSync(openSync(path, 'wx', 0o600)) // SQLite would make it for all to read
    await backup(this.db, path, { rate: pagesTogether })
    const copy = new DatabaseSync(path)
    try {
      copy.exec('pragma journal_mode = delete')
    } finally {
      copy.close()
    }
  }

  [Symbol.dispose](): void {
    this.db.close()
  }
}

/** What SQLite finds wrong in the pages of a database, in its own words; it is not changed. */
export function faultsOf(path: string): string[] {
  using snapshot = new Snapshot(path)
  return snapshot.db
    .prepare('pragma quick_check')
    .all()
    .map((row) => String(Object.values(row)[0]))
    .filter((said) => said !== 'ok')
}
