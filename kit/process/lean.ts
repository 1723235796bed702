/**
 * How processes of the suite are started so that an idle one stays small (figures: bench/results). Measured on seven
 * processes: 870 MB as Node comes, 570 MB with these three.
 */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { subsystem } from '#kit/log.ts'

const log = subsystem('supervisor')

/**
 * Young objects get 2 MB a half in place of 16: a heap at rest keeps what its young space once grew to, in every process
 * and thread. One megabyte saves no more, and collects twice as often.
 */
export const leanFlags: readonly string[] = ['--max-semi-space-size=2']

/** @param root of the tree, whose code is kept ready beside its packages */
export function leanEnv(root: string): Record<string, string> {
  return {
    // glibc gives threads eight heaps for each core, and what is freed in one is of no use to the others
    MALLOC_ARENA_MAX: '2',
    // Node keeps modules as it compiled them, types taken out: the stripper alone is 17 MB a process and 5 MB a thread
    NODE_COMPILE_CACHE: codeFolder(root),
  }
}

const codeFolder = (root: string) => join(root, 'node_modules/.cache/congso')

/**
 * Makes the code ready before processes start that would each do it for themselves: all modules are loaded, and none is
 * run, since the first that is imported throws. Takes a second after the code has changed, else nothing. A tree that cannot
 * be written to is run as it is.
 */
export async function makeCodeReady(root: string): Promise<void> {
  const files = globSync(['*.ts', '{acts,config,kit,mailserver,portal,webmail,workflow}/**/*.ts'], {
    cwd: root,
    exclude: (name) => name.endsWith('.d.ts'),
  }).sort()
  const state = createHash('sha256').update(`${process.version} ${process.getuid?.()}\n`)
  for (const file of files) state.update(`${file} ${statSync(join(root, file)).mtimeMs}\n`)
  const ready = state.digest('hex')
  const note = join(codeFolder(root), 'ready')
  if (readNote(note) === ready) return
  try {
    mkdirSync(codeFolder(root), { recursive: true })
    const urls = files.map((file) => new URL(`file://${join(root, file)}`).href)
    const child = fork(join(import.meta.dirname, 'load.mjs'), [codeFolder(root)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.send(urls)
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`loading ended with code ${code}`)
    writeFileSync(note, ready)
  } catch (err) {
    log.warn({ err }, 'code is not kept ready: every process compiles for itself')
  }
}

function readNote(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // never made
  }
}
