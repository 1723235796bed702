/** Where a register's projection lies: a link that names the file in force, so that a rebuild can swap at one stroke. */
import { mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** The name everyone opens. SQLite follows the link and keeps its -wal beside the real file. */
export function linkOf(folder: string, register: string): string {
  // an address of ours has no "/" (checked when accounts are made); a name is still never trusted as a path
  if (!/^[^/\\\0]+$/.test(register) || register.startsWith('.')) throw new Error(`"${register}" names no register`)
  return join(folder, `${register}.sqlite`)
}

/** Inode of the file in force; undefined when there is none. Readers reopen when it changes. */
export function inodeOf(link: string): number | undefined {
  return statSync(link, { throwIfNoEntry: false })?.ino
}

/** The next free file of this register; a file left by a rebuild that was killed is not used again. */
export function nextFile(link: string): string {
  mkdirSync(dirname(link), { recursive: true, mode: 0o700 })
  const stem = basename(link, '.sqlite')
  const taken = readdirSync(dirname(link)).flatMap((name) => {
    const n = name.startsWith(`${stem}.`)
      ? Number(/^(\d+)\.sqlite$/.exec(name.slice(stem.length + 1))?.[1])
      : Number.NaN
    return Number.isInteger(n) ? [n] : []
  })
  return join(dirname(link), `${stem}.${Math.max(0, ...taken) + 1}.sqlite`)
}

/** Makes `file` the one in force if there is none yet; another process may have been first. */
export function linkFirst(link: string, file: string): void {
  try {
    symlinkSync(basename(file), link)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw err
  }
}

/** Makes `file` the one in force, at one stroke, and removes the one that was. Open readers keep their inode until they look. */
export function linkInstead(link: string, file: string): void {
  const before = current(link)
  const fresh = `${link}.${process.pid}`
  rmSync(fresh, { force: true })
  symlinkSync(basename(file), fresh)
  renameSync(fresh, link)
  if (before !== undefined && before !== file) removeFile(before)
}

export function current(link: string): string | undefined {
  try {
    return join(dirname(link), readlinkSync(link))
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw err
  }
}

export function removeFile(file: string): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
}
