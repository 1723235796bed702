import type { DatabaseSync } from 'node:sqlite'

/** Days that what was put into the folder stays there; 0: for ever. */
export type Keeping = { junk: number; trash: number }

/** Where nothing is set: a month, in which whoever misses a letter looks for it. */
export const keptDays: Keeping = { junk: 30, trash: 30 }

export function keepingTable(db: DatabaseSync) {
  const get = db.prepare('select junk, trash from keeping where scope = ?')
  const put = db.prepare(
    `insert into keeping (scope, junk, trash) values (?, ?, ?)
     on conflict (scope) do update set junk = excluded.junk, trash = excluded.trash`,
  )
  const drop = db.prepare('delete from keeping where scope = ?')
  const read = (scope: string): Partial<Keeping> => {
    const row = get.get(scope)
    return {
      ...(typeof row?.['junk'] === 'number' && { junk: row['junk'] }),
      ...(typeof row?.['trash'] === 'number' && { trash: row['trash'] }),
    }
  }
  return {
    get: read,
    /** null: as the wider scope says; undefined stays */
    change(scope: string, change: { junk?: number | null; trash?: number | null }): void {
      const { junk = null, trash = null } = { ...read(scope), ...change }
      if (junk === null && trash === null) drop.run(scope)
      else put.run(scope, junk, trash)
    },
  }
}
