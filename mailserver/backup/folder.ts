/**
 * What a folder of backups holds: one folder for each generation, named by its time, with `backup.json` and the data folder below
 * `data/`; and `blobs/`, the large parts of messages, each once for all generations. A generation that is not complete has no such
 * name. Everything is readable by its owner alone, and by SQLite and `sha256sum` without us.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { lockFolder } from '#kit/process/lock.ts'

export type CopiedFile = {
  /** below the data folder */
  path: string
  octets: number
  sha256: string
}
export type Manifest = {
  format: 1
  /** ISO 8601, UTC */
  at: string
  hostname: string
  messages: number
  octets: number
  /** folders of cells, below the data folder */
  cells: string[]
  files: CopiedFile[]
}

export const generationName = (at: number): string => new Date(at).toISOString().replaceAll(':', '-')
const generationPattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/

export const dataOf = (dir: string, generation: string): string => join(dir, generation, 'data')
export const manifestFile = (dir: string, generation: string): string => join(dir, generation, 'backup.json')
export const pooled = (dir: string, sha: string): string => join(dir, 'blobs', sha.slice(0, 2), sha)
/** Names of the folders below `blobs/`. */
export const poolFolders = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** One program at a time works in it. @throws Error naming the other */
export function openBackups(dir: string): Disposable {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return lockFolder(join(dir, 'lock'))
}

/** Complete ones, the oldest first. */
export const generationsIn = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => generationPattern.test(name))
        .sort()
    : []

/** @throws Error when it is none that we can read */
export function readManifest(dir: string, generation: string): Manifest {
  const file = manifestFile(dir, generation)
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  if (manifest.format !== 1)
    throw new Error(`${file} is of format ${manifest.format}, which this program does not know`)
  return manifest
}

/** Folders of a generation's cells. */
export const cellsIn = (dir: string, generation: string): string[] =>
  readManifest(dir, generation).cells.map((cell) => join(dataOf(dir, generation), cell))

/** Copies octets durably. @returns what was read: its size and SHA-256 in hexadecimal digits */
export async function copyDurably(from: string, to: string): Promise<{ octets: number; sha256: string }> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  let octets = 0
  const file = await open(to, 'w', 0o600)
  try {
    for await (const chunk of createReadStream(from, { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk as Buffer)
      octets += (chunk as Buffer).length
      await file.writeFile(chunk as Buffer)
    }
    await file.datasync()
  } finally {
    await file.close()
  }
  return { octets, sha256: hash.digest('hex') }
}

export async function hashOf(path: string): Promise<{ octets: number; sha256: string }> {
  const hash = createHash('sha256')
  let octets = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer)
    octets += (chunk as Buffer).length
  }
  return { octets, sha256: hash.digest('hex') }
}

/** Names of new files and folders, too: everything that the file system of `dir` still holds in memory is on the disk afterwards. */
export async function syncFileSystem(dir: string): Promise<void> {
  await promisify(execFile)('sync', ['--file-system', dir])
}
