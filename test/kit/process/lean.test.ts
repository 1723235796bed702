import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { leanEnv, makeCodeReady } from '#kit/process/lean.ts'

describe('kit/process/lean', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'congso-lean-'))
    mkdirSync(join(root, 'kit'))
    writeFileSync(join(root, 'package.json'), '{"type":"module"}')
    writeFileSync(join(root, 'one.ts'), `import { two } from './kit/two.ts'\nconst n: number = two\nconsole.log(n)\n`)
    writeFileSync(
      join(root, 'kit/two.ts'),
      `import { writeFileSync } from 'node:fs'\nwriteFileSync(import.meta.dirname + '/ran', '')\nexport const two: number = 2\n`,
    )
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const cached = (): string[] =>
    readdirSync(leanEnv(root)['NODE_COMPILE_CACHE']!, { recursive: true, withFileTypes: true })
      .filter((f) => f.isFile() && f.name !== 'ready')
      .map((f) => f.name)

  it('keeps the code of every module, and runs none of it', async () => {
    await makeCodeReady(root)
    expect(cached().length).to.be.at.least(4) // of each module its stripped text and its code
    expect(existsSync(join(root, 'kit/ran'))).to.equal(false)
    const ran = spawnSync(process.execPath, [join(root, 'one.ts')], {
      env: { ...leanEnv(root), NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
    })
    expect(ran.stdout.toString()).to.match(/^2$/m)
    expect(existsSync(join(root, 'kit/ran'))).to.equal(true)
    expect(ran.stderr.toString() + ran.stdout.toString()).to.match(/one\.ts.*(success|accepted)/)
  })

  it('makes it again when a file has changed, and not otherwise', async () => {
    await makeCodeReady(root)
    const before = cached()
    await makeCodeReady(root)
    expect(cached()).to.deep.equal(before)
    writeFileSync(join(root, 'kit/three.ts'), 'export const three: number = 3\n')
    await makeCodeReady(root)
    expect(cached().length).to.be.greaterThan(before.length)
  })

  it('runs a tree that cannot be kept ready as it is', async () => {
    symlinkSync('/dev/null', join(root, 'node_modules'))
    await makeCodeReady(root)
    expect(spawnSync(process.execPath, [join(root, 'one.ts')], { env: leanEnv(root) }).stdout.toString()).to.equal(
      '2\n',
    )
  })
})
