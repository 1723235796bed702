import type { DatabaseSync } from 'node:sqlite'
import { transact } from './transact.ts'

/** SQL, or what SQL alone cannot say; it must not begin or end a transaction. */
export type MigrationStep = string | ((db: DatabaseSync) => void)

/**
 * Brings a database to the last step. `steps` is append-only; a step's place in the list is its version
 * (PRAGMA user_version). Safe when several threads or processes open the file at once: the version is read again under the lock.
 *
 * @throws Error when the file was written by a newer program
 */
export function migrate(db: DatabaseSync, steps: readonly MigrationStep[]): void {
  if (versionOf(db) === steps.length) return
  transact(db, () => {
    const at = versionOf(db)
    if (at > steps.length)
      throw new Error(`the store is at version ${at} and this program knows ${steps.length}; run the newer program`)
    for (const step of steps.slice(at))
      if (typeof step === 'string') db.exec(step)
      else step(db)
    db.exec(`pragma user_version = ${steps.length}`)
  })
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('pragma user_version').get()?.['user_version'])
}
