import { closeSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A data folder is used by one suite at a time. The lock file names the process and when it started (clock ticks
 * since boot, /proc/<pid>/stat field 22), so a number that the system gave to another process is not taken for ours.
 *
 * @throws Error naming the process that holds the folder
 */
export function lockFolder(file: string): Disposable {
  mkdirSync(dirname(file), { recursive: true })
  const mine = `${process.pid} ${startedAt(process.pid)}\n`
  const draft = `${file}.${process.pid}`
  const fd = openSync(draft, 'w', 0o600)
  writeSync(fd, mine)
  closeSync(fd)
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        linkSync(draft, file) // link fails when the name exists: the one atomic test-and-set that every file system has
        return { [Symbol.dispose]: () => rmSync(file, { force: true }) }
      } catch (err) {
        const holder = holderOf(file)
        if (holder)
          throw new Error(
            `${dirname(file)} is in use by process ${holder}; stop it, or choose another folder with --data`,
          )
        if (attempt > 3) throw err
        rmSync(file, { force: true }) // its process is gone
      }
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** @returns the process that holds the folder, or undefined when nobody does */
export function holderOf(file: string): number | undefined {
  try {
    const [pid, started] = readFileSync(file, 'utf8').trim().split(' ')
    return pid && startedAt(Number(pid)) === started ? Number(pid) : undefined
  } catch {
    return undefined
  }
}

function startedAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
