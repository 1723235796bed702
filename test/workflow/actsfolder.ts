import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** A copy of the acts in which a test may add and change files; `#kit/…` means the tree's own kit. */
export function copyOfActs(): Disposable & {
  dir: string
  add(file: string, from: string): void
  write(file: string, text: string): void
} {
  const folder = mkdtempSync(join(tmpdir(), 'congso-acts-'))
  const dir = join(folder, 'acts')
  cpSync(join(root, 'acts'), dir, { recursive: true })
  symlinkSync(join(root, 'kit'), join(folder, 'kit'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', imports: { '#kit/*': './kit/*', '#acts/*': './acts/*' } }),
  )
  return {
    dir,
    add: (file, from) => cpSync(from, join(dir, file)),
    write: (file, text) => writeFileSync(join(dir, file), text),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
export const extendAct = resolve(import.meta.dirname, 'extend/extend.ts')
