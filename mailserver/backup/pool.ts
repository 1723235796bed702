/** The large parts of messages, in `blobs/` of a backup folder: each is copied once, and is there until no generation needs it. */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type BlobFile, blobFile, CellSnapshot } from '#mailserver/store/open.ts'
import { cellsIn, copyDurably, pooled, poolFolders } from './folder.ts'

/** Files whose octets are on their way at once: their waits for the disk overlap. */
const together = 8

export type Pooled = { copied: number; octets: number; damaged: string[] }

/**
 * Copies what the pool lacks. A file whose octets are not those that its name promises is copied all the same, and told: the rest of
 * its message is still worth having.
 *
 * @returns names that are gone from the cell meanwhile
 */
export async function addToPool(dir: string, cell: string, wanted: Iterable<BlobFile>, sum: Pooled): Promise<string[]> {
  const gone: string[] = []
  const left = wanted[Symbol.iterator]()
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) {
      const { sha, octets } = next.value
      const to = pooled(dir, sha)
      if (statSync(to, { throwIfNoEntry: false })?.size === octets) continue
      const draft = `${to}.part`
      await mkdir(dirname(to), { recursive: true, mode: 0o700 })
      try {
        const read = await copyDurably(blobFile(cell, sha), draft)
        if (read.sha256 !== sha) sum.damaged.push(sha)
        sum.copied++
        sum.octets += read.octets
        renameSync(draft, to)
      } catch (err) {
        rmSync(draft, { force: true })
        if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err
        gone.push(sha)
      }
    }
  }
  await Promise.all(Array.from({ length: together }, worker))
  return gone
}

/** Removes what none of these generations needs. @returns how many */
export function prunePool(dir: string, generations: readonly string[]): number {
  const cells = generations.flatMap((generation) => cellsIn(dir, generation)).map((cell) => new CellSnapshot(cell))
  try {
    let removed = 0
    for (const folder of poolFolders) {
      const needed = new Set(cells.flatMap((cell) => [...cell.blobs(folder)].map(({ sha }) => sha)))
      for (const name of namesIn(`${dir}/blobs/${folder}`)) {
        if (needed.has(name)) continue
        rmSync(`${dir}/blobs/${folder}/${name}`, { force: true })
        removed++
      }
    }
    return removed
  } finally {
    for (const cell of cells) cell[Symbol.dispose]()
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err
    return [] // no part has such a name yet
  }
}
