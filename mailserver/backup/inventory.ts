/** What of a data folder belongs into a backup: everything that is there, but for what is only of this run or is made again by itself. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'

export type Found = { path: string; kind: 'database' | 'file' }

/** Below the data folder. Sessions of pages are left out so that nobody who was signed out since comes back in. */
const leftOut: readonly RegExp[] = [
  /^(lock(\.\d+)?|run|logs|projections|edge|sink|cells)$/,
  /^desk\/sessions\.sqlite$/,
  /^portal\/projection\.sqlite$/,
  /^rspamd\/(run|log|etc|local)$/,
  /-(wal|shm|journal)$/,
]
const databaseMagic = Buffer.from('SQLite format 3\0')

/**
 * Files outside of cells, in the order in which they are to be copied: what asks others for something before those who
 * answered (`portal` before `accounts.sqlite`), so that nobody remembers an answer that its giver forgot.
 */
export function filesToCopy(data: string): { before: Found[]; after: Found[] } {
  const all = walk(data, '')
  const isAfter = ({ path }: Found) => path === 'accounts.sqlite' || path.startsWith('keys/')
  return { before: all.filter((f) => !isAfter(f)), after: all.filter(isAfter) }
}

/** Folders of cells, below the data folder. */
export const cellsOf = (data: string): string[] =>
  readdirSync(join(data, 'cells'))
    .sort()
    .map((n) => `cells/${n}`)

function walk(data: string, folder: string): Found[] {
  return readdirSync(join(data, folder))
    .sort()
    .flatMap((name): Found[] => {
      const path = folder === '' ? name : `${folder}/${name}`
      if (leftOut.some((pattern) => pattern.test(path))) return []
      const is = statSync(join(data, path), { throwIfNoEntry: false })
      if (is?.isDirectory()) return walk(data, path)
      return is?.isFile() ? [{ path, kind: isDatabase(join(data, path)) ? 'database' : 'file' }] : []
    })
}

function isDatabase(file: string): boolean {
  const fd = openSync(file, 'r')
  try {
    const head = Buffer.alloc(databaseMagic.length)
    return readSync(fd, head) === head.length && head.equals(databaseMagic)
  } finally {
    closeSync(fd)
  }
}
