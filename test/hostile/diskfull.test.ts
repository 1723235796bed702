/** A disk that is full: nobody hears OK for what is not kept, what was said to be kept is there, and with room again all goes on. */
import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { an, type Client, type Fixture, mail, startFixture } from '#test/mailserver/imap/fixture.ts'

const reserve = 4 * 1024 ** 2

// Only root may mount; everybody else is root in a namespace of their own, and runs this file there.
if (process.getuid?.() !== 0)
  it('a full disk under the store, in a mount namespace', async function () {
    this.timeout(180_000)
    const mocha = join(import.meta.dirname, '../../node_modules/mocha/bin/mocha.js')
    await promisify(execFile)('unshare', ['-rm', process.execPath, mocha, import.meta.filename])
  })
else
  describe('a full disk under the store', function () {
    this.timeout(120_000)
    let disk: string
    let f: Fixture | undefined
    const before_ = process.env['TMPDIR']
    before(async () => {
      disk = mkdtempSync(join(tmpdir(), 'small-disk-'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', disk])
      process.env['TMPDIR'] = disk // where the fixture makes its folder
      writeFileSync(join(disk, 'reserve'), Buffer.alloc(reserve))
      f = await startFixture({ threads: 1, quota: 500 * 1024 ** 2 })
    })
    after(async () => {
      try {
        await f?.[Symbol.asyncDispose]() // audits the store
      } finally {
        if (before_ === undefined) delete process.env['TMPDIR']
        else process.env['TMPDIR'] = before_
        if (disk) {
          execFileSync('umount', ['-l', disk])
          rmSync(disk, { recursive: true, force: true })
        }
      }
    })

    const letter = (n: number) => Buffer.from(mail(`Thư ${n}`, randomBytes(150_000).toString('hex')))
    const kept = new Map<number, Buffer>()
    /** @returns the answer; what was acknowledged is remembered by its UID */
    async function append(c: Client, n: number): Promise<string> {
      const raw = letter(n)
      const answer = await c.append('INBOX', raw)
      const uid = /\[APPENDUID \d+ (\d+)\]/.exec(answer)?.[1]
      if (/^OK/m.test(answer)) kept.set(Number(uid), raw)
      return answer
    }
    async function allThere(c: Client): Promise<void> {
      await c.ok('SELECT INBOX')
      const uids = (await c.ok('UID SEARCH ALL')).match(/\d+/g)!.map(Number)
      for (const [uid, raw] of kept) {
        expect(uids).to.include(uid)
        expect(await c.ok(`UID FETCH ${uid} BODY.PEEK[]`)).to.contain(raw.toString('latin1'))
      }
    }

    it('answers NO, keeps what it acknowledged, and goes on with room again', async () => {
      const c = await f!.as(an)
      let answer = ''
      let n = 0
      do answer = await append(c, n++)
      while (n < 200 && /^OK/m.test(answer))
      expect(answer).to.match(/^NO \[UNAVAILABLE\]/m)
      expect(kept.size).to.be.above(3)
      for (let again = 0; again < 5; again++) expect(await append(c, n++)).to.match(/^(NO \[UNAVAILABLE\]|OK)/m)
      await allThere(c)
      rmSync(join(disk, 'reserve'))
      const later = await f!.as(an)
      expect(await append(later, n++)).to.match(/^OK/m)
      await allThere(later)
      const uids = [...kept.keys()]
      expect(uids).to.deep.equal([...uids].sort((a, b) => a - b))
    })
  })
