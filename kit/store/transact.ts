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
    // the type says so already; a function typed `any` would get here, and what follows its `await` would be outside
    if (value instanceof Promise) throw new TypeError('a transaction must not return a promise')
    db.exec('commit')
    return value
  } catch (err) {
    if (db.isTransaction) db.exec('rollback')
    throw err
  }
}
