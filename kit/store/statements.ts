import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

/**
 * Statements of one connection, prepared once per text. Texts must be constants of the program: each is kept.
 *
 * `run` hides a trap of node:sqlite: after a DELETE on a contentless FTS5 table, `StatementSync.run()` throws
 * ERR_OUT_OF_RANGE (lastInsertRowid above 2^53) although it did its work, and so does every later `run()` on that
 * connection. Here it steps the statement with `get()`; who needs the row id says RETURNING.
 *
 * `limit ?` hides another: SQLite (3.47 and later) plans a statement for the value bound there, and so prepares it anew each time that
 * one is bound: 5 µs where a row takes 2. As the sum of the value and 0 it is not looked at, and the plan stays.
 */
export class Statements {
  readonly db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()
  readonly #preparedForArrays = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.db = db
  }

  /** First row, or undefined. Rows have no prototype. */
  get<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#statement(sql).get(...values) as T | undefined
  }

  /** The row that must be there. @throws Error with the statement's text when it is not */
  one<T>(sql: string, ...values: SQLInputValue[]): T {
    const row = this.#statement(sql).get(...values)
    if (row === undefined) throw new Error(`no row: ${sql}`)
    return row as T
  }

  all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#statement(sql).all(...values) as T[]
  }

  /** Rows as arrays, in the order of the columns: half the time of objects, for what is read by the thousand. */
  arrays<T extends readonly unknown[]>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#statement(sql, true).all(...values) as unknown as T[]
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).get(...values)
  }

  #statement(sql: string, arrays = false): StatementSync {
    const prepared = arrays ? this.#preparedForArrays : this.#prepared
    let s = prepared.get(sql)
    if (!s) {
      s = this.db.prepare(sql.replaceAll(/\blimit (\?\d*)/g, 'limit ($1 + 0)'))
      if (arrays) s.setReturnArrays(true)
      prepared.set(sql, s)
    }
    return s
  }
}
