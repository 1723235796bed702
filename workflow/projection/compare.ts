/** Two projections of the same ledger at the same entry, row by row. */
import { openDatabase } from '#kit/store/open.ts'
import { tables } from './schema.ts'

/** More lines than this help nobody: the first ones say what is wrong. */
const MAX_LINES = 50

/** @returns English lines, none when the two are equal */
export function differences(files: { live: string; fresh: string }): string[] {
  const found: string[] = []
  const live = openDatabase(files.live, { readOnly: true })
  const fresh = openDatabase(files.fresh, { readOnly: true })
  try {
    live.exec('begin')
    fresh.exec('begin')
    for (const [table, order] of Object.entries(tables)) {
      const sql = `select * from ${table} order by ${order}`
      const a = live.prepare(sql).iterate()
      const b = fresh.prepare(sql).iterate()
      for (let row = 1; ; row++) {
        const [x, y] = [a.next(), b.next()]
        if (x.done && y.done) break
        const [given, wanted] = [JSON.stringify(x.value ?? null), JSON.stringify(y.value ?? null)]
        if (given !== wanted)
          found.push(`${table}, row ${row}: in force ${given.slice(0, 300)}, rebuilt ${wanted.slice(0, 300)}`)
        if (found.length >= MAX_LINES || x.done || y.done) break
      }
      if (found.length >= MAX_LINES) break
    }
    return found
  } finally {
    live.close()
    fresh.close()
  }
}
