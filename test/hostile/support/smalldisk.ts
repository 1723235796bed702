/**
 * A small disk of a test's own, which can be filled to the last octet. Only root may mount one; others are root in a namespace of
 * their own (unshare), where the same file is run again by mocha.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = process.getuid?.() === 0
/** root without the right to mount (a container) has it in a namespace of its own; this says that we are in there */
const INSIDE = 'CONGSO_TEST_IN_NAMESPACE'

export class SmallDisk implements Disposable {
  readonly path: string
  #filler: number | undefined

  constructor(megabytes: number) {
    this.path = mkdtempSync(join(tmpdir(), 'small-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.path])
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.path)
    return bavail * bsize
  }

  /** Takes all room but `leave` octets, rounded to pages; 0 leaves none. */
  fill(leave: number): void {
    this.#filler ??= openSync(join(this.path, 'filler'), 'a')
    const chunk = Buffer.alloc(64 * 1024)
    try {
      while (this.free > leave) writeSync(this.#filler, chunk, 0, Math.min(chunk.length, this.free - leave))
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'ENOSPC') throw err
    }
  }

  makeRoom(): void {
    if (this.#filler === undefined) return
    closeSync(this.#filler)
    this.#filler = undefined
    rmSync(join(this.path, 'filler'))
  }

  [Symbol.dispose](): void {
    this.makeRoom()
    execFileSync('umount', ['-l', this.path])
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** `describe`, where disks may be mounted; else the same in a namespace; where that is not allowed either, the tests are left out, aloud. */
export function describeOnSmallDisks(title: string, file: string, body: (this: Mocha.Suite) => void): void {
  if (root && (process.env[INSIDE] !== undefined || mayMount('mount'))) {
    describe(title, body)
    return
  }
  it(`${title}, in a mount namespace`, async function () {
    this.timeout(180_000)
    if (!mayMount('unshare')) {
      console.log('      left out: this user may neither mount a tmpfs nor make a mount namespace (unshare -rm)')
      this.skip()
    }
    const mocha = join(import.meta.dirname, '../../../node_modules/mocha/bin/mocha.js')
    await promisify(execFile)('unshare', ['-rm', process.execPath, mocha, file], {
      env: { ...process.env, [INSIDE]: '1' },
      maxBuffer: 64 * 1024 * 1024,
    })
  })
}

function mayMount(how: 'mount' | 'unshare'): boolean {
  const at = mkdtempSync(join(tmpdir(), 'small-disk-'))
  const mount = ['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at]
  const [program = '', ...args] = how === 'mount' ? mount : ['unshare', '-rm', ...mount]
  const { status } = spawnSync(program, args, { stdio: 'ignore' })
  if (status === 0 && how === 'mount') execFileSync('umount', [at])
  rmSync(at, { recursive: true, force: true })
  return status === 0
}
