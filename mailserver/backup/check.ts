/** Whether every generation of a backup folder could be put back: reads all of it, and changes nothing. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOf } from '#kit/store/snapshot.ts'
import { CellSnapshot } from '#mailserver/store/open.ts'
import { cellsIn, dataOf, generationsIn, hashOf, openBackups, pooled, poolFolders, readManifest } from './folder.ts'

/** @returns English sentences, none when all is well; how many generations and large parts were read */
export async function checkBackups(dir: string): Promise<{ findings: string[]; generations: number; parts: number }> {
  if (!existsSync(dir)) throw new Error(`there is no folder ${dir}`)
  using _lock = openBackups(dir)
  const generations = generationsIn(dir)
  const findings: string[] = generations.length === 0 ? ['there is no backup in this folder'] : []
  for (const generation of generations) {
    for (const { path, octets, sha256 } of readManifest(dir, generation).files) {
      const file = join(dataOf(dir, generation), path)
      const now = existsSync(file) ? await hashOf(file) : undefined
      if (!now) findings.push(`${generation}: ${path} is missing`)
      else if (now.octets !== octets || now.sha256 !== sha256)
        findings.push(`${generation}: ${path} is not what was copied`)
      else if (path.endsWith('.sqlite'))
        findings.push(...faultsOf(file).map((said) => `${generation}: ${path}: ${said}`))
    }
    for (const cell of cellsIn(dir, generation)) {
      if (!existsSync(`${cell}/cell.sqlite`)) continue // told above
      using snapshot = new CellSnapshot(cell)
      for (const { sha, octets } of snapshot.blobs())
        if (statSync(pooled(dir, sha), { throwIfNoEntry: false })?.size !== octets)
          findings.push(`${generation}: part ${sha} is missing, or has another size`)
    }
  }
  let parts = 0
  for (const folder of poolFolders)
    for (const name of existsSync(`${dir}/blobs/${folder}`) ? readdirSync(`${dir}/blobs/${folder}`) : []) {
      parts++
      if ((await hashOf(pooled(dir, name))).sha256 !== name)
        findings.push(`part ${name} has other octets than its name says`)
    }
  return { findings, generations: generations.length, parts }
}
