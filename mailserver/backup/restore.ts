/** Puts a backup back into an empty data folder. The backup is only read. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { auditStore, blobFile, CellSnapshot, makeBlobFolders, wentBack } from '#mailserver/store/open.ts'
import { copyDurably, dataOf, generationsIn, openBackups, pooled, readManifest, syncFileSystem } from './folder.ts'

export type Restored = {
  generation: string
  messages: number
  /** mail to the outside that waits for an administrator */
  held: number
  /** English sentences: what is damaged; the rest is there */
  findings: string[]
}

/**
 * All is copied and recounted beside the data folder, which then gets its name: there is no moment with half of it.
 *
 * @param q.generation the newest when none is named
 * @param q.sendQueue mail to the outside is sent again, even if some of it went after the backup
 * @throws Error when the data folder is not empty, the generation is not there, or a file of it is damaged; nothing is there then
 */
export async function restoreBackup(q: {
  dir: string
  data: string
  generation?: string
  sendQueue: boolean
}): Promise<Restored> {
  const { dir, sendQueue } = q
  const data = resolve(q.data)
  if (!existsSync(dir)) throw new Error(`there is no folder ${dir}`)
  if (existsSync(data) && readdirSync(data).length > 0)
    throw new Error(`${data} is not empty: a backup is put back into a new folder only; name one with --data`)
  using _lock = openBackups(dir)
  const all = generationsIn(dir)
  const generation = q.generation ?? all.at(-1)
  if (!generation || !all.includes(generation))
    throw new Error(generation ? `there is no backup ${generation} in ${dir}` : `there is no backup in ${dir}`)
  const manifest = readManifest(dir, generation)
  const draft = `${data}.restoring`
  rmSync(draft, { recursive: true, force: true }) // what a killed one has left
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  try {
    for (const { path, sha256 } of manifest.files) {
      const read = await copyDurably(join(dataOf(dir, generation), path), join(draft, path))
      if (read.sha256 !== sha256)
        throw new Error(`${generation}: ${path} is not what was copied; try an earlier backup`)
    }
    const findings: string[] = []
    let held = 0
    for (const cell of manifest.cells) {
      const folder = join(draft, cell)
      makeBlobFolders(folder)
      findings.push(...(await partsOf(folder)))
      held += wentBack(folder, { holdQueue: !sendQueue }).held
      findings.push(...(await auditStore({ dir: folder })))
    }
    await syncFileSystem(draft)
    renameSync(draft, data)
    await syncFileSystem(dirname(data))
    return { generation, messages: manifest.messages, held, findings }
  } catch (err) {
    rmSync(draft, { recursive: true, force: true })
    throw err
  }

  async function partsOf(cell: string): Promise<string[]> {
    using snapshot = new CellSnapshot(cell)
    const findings: string[] = []
    for (const { sha } of snapshot.blobs()) {
      if (!statSync(pooled(dir, sha), { throwIfNoEntry: false })) continue // the recount tells it
      const read = await copyDurably(pooled(dir, sha), blobFile(cell, sha))
      if (read.sha256 !== sha) findings.push(`part ${sha} has other octets than its name says`)
    }
    return findings
  }
}
