import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { holderOf, lockFolder } from '#kit/process/lock.ts'

describe('kit/process/lock', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'congso-lock-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is held by one at a time, and free again when released', () => {
    const file = join(folder, 'lock')
    {
      using _held = lockFolder(file)
      expect(() => lockFolder(file)).to.throw(`in use by process ${process.pid}`)
      expect(holderOf(file)).to.equal(process.pid)
    }
    expect(holderOf(file)).to.equal(undefined)
    using again = lockFolder(file)
    expect(again).to.be.an('object')
  })

  it('is taken over from a process that is gone, or whose number another process has now', () => {
    const file = join(folder, 'lock')
    writeFileSync(file, '999999999 1\n')
    lockFolder(file)[Symbol.dispose]()
    writeFileSync(file, `${process.pid} 1\n`) // our number, but started at another time
    using held = lockFolder(file)
    expect(held).to.be.an('object')
  })
})
