/** Work that was refused for want of room on the disk: nothing of it was kept, and it may be tried again. */
export class DiskFull extends Error {
  override name = 'DiskFull'
}

/** https://sqlite.org/rescode.html: SQLITE_FULL, and SQLITE_IOERR_SHMSIZE (the log's index could not grow). */
const sqliteFull = [13, 4874]

/** Whether something failed for want of room on the disk: a job of the mail store, a file, or a row of any database. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof DiskFull) return true
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as NodeJS.ErrnoException & { errcode?: number }
  return code === 'ENOSPC' || code === 'EDQUOT' || (errcode !== undefined && sqliteFull.includes(errcode))
}

/** Does what is good to have and nobody waits for. @returns whether there was room for it; everything else that goes wrong is thrown */
export function whereRoom(work: () => void): boolean {
  try {
    work()
    return true
  } catch (err) {
    if (isDiskFull(err)) return false
    throw err
  }
}
