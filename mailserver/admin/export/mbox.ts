/** A folder as one mbox file; folders below it in a folder of its name. A file is whole or not there: it gets its name at the end. */
import { mkdirSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { mboxEntry } from '#kit/message/mbox.ts'
import type { Folder, Row } from './source.ts'

const rowsTogether = 1_000

/** "Dự án/2025" → "Dự án/2025.mbox". What would mean something else to a file system is written as in URLs. */
export const mboxPath = (folder: string): string => `${folder.split('/').map(fileName).join('/')}.mbox`

/** The other way, of a path below the root. */
export const folderOfPath = (path: string): string =>
  path
    .replace(/\.mbox$/, '')
    .split('/')
    .map((level) => level.replaceAll(/%(25|2E)/g, (_, hex: string) => (hex === '25' ? '%' : '.')))
    .join('/')
    .normalize('NFC')

const fileName = (level: string): string =>
  level
    .replaceAll('%', '%25')
    .replace(/^\./, '%2E')
    .replace(/\.mbox$/i, (end) => `%2E${end.slice(1)}`)

export async function writeMbox(
  folder: Folder,
  path: string,
  root: string,
): Promise<{ messages: number; octets: number }> {
  const file = join(root, mboxPath(path))
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const sum = { messages: 0, octets: 0 }
  const part = await open(`${file}.part`, 'w', 0o600)
  try {
    const write = async (rows: readonly Row[]) => {
      for await (const message of folder.messages(rows)) {
        await part.writeFile(mboxEntry(message))
        sum.messages++
        sum.octets += message.raw.length
      }
    }
    let rows: Row[] = []
    for await (const row of folder.rows()) {
      rows.push(row)
      if (rows.length < rowsTogether) continue
      await write(rows)
      rows = []
    }
    await write(rows)
    await part.sync()
  } finally {
    await part.close()
  }
  await rename(`${file}.part`, file)
  return sum
}
