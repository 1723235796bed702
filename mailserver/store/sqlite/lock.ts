import { mkdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * One writer for one cell: a second one would sweep away the files that the first is writing. The lock is an open exclusive
 * transaction on a file of its own; the kernel ends it with the process, however that ends.
 *
 * @throws Error when another program, or another host in this one, has it
 */
export function lockCell(dir: string): { close(): void } {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(`${dir}/writer.lock`, { timeout: 0 })
  try {
    db.exec('begin exclusive')
  } catch (err) {
    db.close()
    throw new Error(`another program writes to the store in ${dir}`, { cause: err })
  }
  return db
}
