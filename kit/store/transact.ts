import type { DatabaseSync } from 'node:sqlite'

/** What a transaction may return: anything but a promise, so that none stays open across an `await`. */
type Settled<T> = T extends PromiseLike<unknown> ? never : T

/**
 * One write transaction: all of `work` is kept, or nothing. It takes the write lock at once (BEGIN IMMEDIATE), so it never
 * has to give up half-way because another connection wrote first. Inside another transaction it joins that one.
 *
 * @throws whatever `work` throws, after rolling back
 */
export function transact<T>(db: DatabaseSync, work: () => Settled<T>): T {
  if (db.isTransaction) return work()
  db.exec('begin immediate')
  try {
    const value = work()
    db.exec('commit')
    return value
  } catch (err) {
    if (db.isTransaction) db.exec('rollback')
    throw err
  }
}
