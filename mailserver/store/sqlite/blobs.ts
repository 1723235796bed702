import {
  closeSync,
  type Dir,
  fsyncSync,
  mkdirSync,
  opendirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'

/**
 * Octets over 64 KB, one file for each SHA-256. The thread that delivers writes and syncs a file under `tmp/`; the
 * writer thread alone names it, syncs the folder, and only then commits the row. Files go after their rows.
 */
const folders = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

const folderOf = (dir: string, sha: string): string => join(dir, 'blobs', sha.slice(0, 2))
export const blobPath = (dir: string, sha: string): string => join(folderOf(dir, sha), sha)

/** All folders at once, so that naming a file never has to make one durable first. */
export function makeBlobFolders(dir: string): void {
  mkdirSync(join(dir, 'tmp'), { recursive: true, mode: 0o700 })
  for (const f of folders) mkdirSync(join(dir, 'blobs', f), { recursive: true, mode: 0o700 })
  syncFolder(join(dir, 'blobs'))
  syncFolder(dir)
}

let written = 0

/** Writes octets durably under `tmp/`. @returns the file's path; the writer takes it over */
export async function writeTemporary(dir: string, octets: Uint8Array): Promise<string> {
  const path = join(dir, 'tmp', `${process.pid}-${threadId}-${++written}`)
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(octets)
    await file.datasync()
  } catch (err) {
    removeFile(path) // half a file on a full disk helps nobody
    throw err
  } finally {
    await file.close()
  }
  return path
}

/** Gives temporary files their names, then syncs each folder once. A file that is there already stays as it is. */
export function placeBlobs(dir: string, placed: ReadonlyMap<string, string>): void {
  const touched = new Set<string>()
  for (const [sha, temporary] of placed) {
    if (blobSize(dir, sha) !== undefined) {
      removeFile(temporary)
      continue
    }
    renameSync(temporary, blobPath(dir, sha))
    touched.add(folderOf(dir, sha))
  }
  for (const folder of touched) syncFolder(folder)
}

export function blobSize(dir: string, sha: string): number | undefined {
  return statSync(blobPath(dir, sha), { throwIfNoEntry: false })?.size
}

export const removeBlob = (dir: string, sha: string): void => removeFile(blobPath(dir, sha))

/** Missing is as good as removed. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err
  }
}

/** At start, before anyone writes: what a crash left under `tmp/`, where names are used again. @returns how many there were */
export function emptyTemporary(dir: string): number {
  const names = readdirSync(join(dir, 'tmp'))
  for (const name of names) removeFile(join(dir, 'tmp', name))
  return names.length
}

/**
 * Files that a crash left without a row: all files are looked at once after a start, some at a time, while there is nothing else
 * to do. By the writer's thread alone, between its transactions: within one, files are there before their rows.
 */
export class Sweep {
  readonly #dir: string
  readonly #known: (sha: string) => boolean
  #at = 0
  #open: Dir | undefined
  /** files removed so far */
  swept = 0

  constructor(dir: string, known: (sha: string) => boolean) {
    this.#dir = dir
    this.#known = known
  }

  /** @param most files looked at @returns whether there is more to look at */
  step(most: number): boolean {
    for (let looked = 0; looked < most; ) {
      const folder = folders[this.#at]
      if (folder === undefined) return false
      this.#open ??= opendirSync(join(this.#dir, 'blobs', folder))
      const file = this.#open.readSync()
      if (file === null) {
        this.#open.closeSync()
        this.#open = undefined
        this.#at++
      } else if (!this.#known(file.name)) {
        removeBlob(this.#dir, file.name)
        this.swept++
      }
      looked++
    }
    return true
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
