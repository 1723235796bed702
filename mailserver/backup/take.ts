/** Takes a backup of a data folder, whether the suite runs on it or not. Nothing stops meanwhile, and the service does not know. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Snapshot } from '#kit/store/snapshot.ts'
import { type BlobFile, CellSnapshot } from '#mailserver/store/open.ts'
import {
  type CopiedFile,
  copyDurably,
  dataOf,
  generationName,
  generationsIn,
  hashOf,
  type Manifest,
  manifestFile,
  openBackups,
  poolFolders,
  syncFileSystem,
} from './folder.ts'
import { cellsOf, type Found, filesToCopy } from './inventory.ts'
import { addToPool, type Pooled, prunePool } from './pool.ts'

/** Parts of messages that were removed while we copied make us look again; each look is shorter than the one before. */
const mostLooks = 20
const draftPrefix = '.draft-'
const removedPrefix = '.removed-'

export type Taken = {
  generation: string
  messages: number
  /** of the messages, as quotas count them */
  octets: number
  /** large parts that the folder did not have yet */
  copied: { files: number; octets: number }
  /** large parts whose octets in the store are not what they were when they came */
  damaged: string[]
  /** large parts that messages need and that are not in the store */
  missing: string[]
  /** generations that went, since only `keep` stay */
  removed: string[]
}

/**
 * The moment of each file is its own, in an order in which later ones know all that earlier ones refer to: portal, cells, accounts.
 *
 * @param q.keep generations that stay, the new one counted
 * @throws Error when another backup works in the folder, or a file cannot be read or written; there is no new generation then
 */
export async function takeBackup(q: {
  data: string
  dir: string
  keep: number
  hostname: string
  now: () => number
}): Promise<Taken> {
  const { data, dir, keep, hostname, now } = q
  using _lock = openBackups(dir)
  for (const name of readdirSync(dir)) // what a backup that was killed has left
    if (name.startsWith(draftPrefix) || name.startsWith(removedPrefix)) rmSync(join(dir, name), { recursive: true })
  const at = now()
  const generation = generationName(at)
  const draft = `${draftPrefix}${generation}`
  mkdirSync(dataOf(dir, draft), { recursive: true, mode: 0o700 })

  const files: CopiedFile[] = []
  const missing: string[] = []
  const pooled: Pooled = { copied: 0, octets: 0, damaged: [] }
  const { before, after } = filesToCopy(data)
  const cells = cellsOf(data)
  const total = { messages: 0, octets: 0 }
  for (const found of before) await copy(found)
  for (const cell of cells) {
    const { messages, octets } = await copyCell(cell)
    total.messages += messages
    total.octets += octets
  }
  for (const found of after) await copy(found)

  const manifest: Manifest = { format: 1, at: new Date(at).toISOString(), hostname, ...total, cells, files }
  writeFileSync(manifestFile(dir, draft), JSON.stringify(manifest, null, 1), { mode: 0o600 })
  await syncFileSystem(dir)
  renameSync(join(dir, draft), join(dir, generation))
  await syncFileSystem(dir)

  const removed = generationsIn(dir).slice(0, -keep)
  for (const old of removed) {
    renameSync(join(dir, old), join(dir, removedPrefix + old)) // half of one must not look like one
    rmSync(join(dir, removedPrefix + old), { recursive: true })
  }
  prunePool(dir, generationsIn(dir))
  return {
    generation,
    ...total,
    copied: { files: pooled.copied, octets: pooled.octets },
    damaged: pooled.damaged,
    missing,
    removed,
  }

  async function copy({ path, kind }: Found): Promise<void> {
    const to = join(dataOf(dir, draft), path)
    if (kind === 'file') {
      files.push({ path, ...(await copyDurably(join(data, path), to)) })
      return
    }
    using snapshot = new Snapshot(join(data, path))
    await copyDatabase(snapshot, path)
  }

  async function copyDatabase(snapshot: Snapshot, path: string): Promise<void> {
    const to = join(dataOf(dir, draft), path)
    mkdirSync(join(to, '..'), { recursive: true, mode: 0o700 })
    await snapshot.copyTo(to)
    files.push({ path, ...(await hashOf(to)) })
  }

  /** Most large parts are copied before the moment, so that it has to be held only while the last ones and the database are. */
  async function copyCell(cell: string): Promise<{ messages: number; octets: number }> {
    const folder = join(data, cell)
    for (const prefix of poolFolders) await addToPool(dir, folder, blobsNow(folder, prefix), pooled)
    let goneBefore = new Set<string>()
    for (let look = 1; ; look++) {
      using snapshot = new CellSnapshot(folder)
      const gone = await addToPool(dir, folder, snapshot.blobs(), pooled)
      // a part that went with its last message is not asked for by the next look; one that is, and is not there, is lost
      if (gone.every((sha) => goneBefore.has(sha)) || look === mostLooks) {
        missing.push(...gone)
        await copyDatabase(snapshot, `${cell}/cell.sqlite`)
        return snapshot.totals()
      }
      goneBefore = new Set(gone)
    }
  }
}

function blobsNow(cell: string, prefix: string): BlobFile[] {
  using snapshot = new CellSnapshot(cell)
  return [...snapshot.blobs(prefix)]
}
