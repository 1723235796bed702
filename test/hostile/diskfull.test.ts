/** A disk that is full: nobody hears OK for what is not kept, what was said to be kept is there, and with room again all goes on. */
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { an, type Client, type Fixture, mail, startFixture } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'
import { describeOnSmallDisks, SmallDisk } from './support/smalldisk.ts'

describeOnSmallDisks('a full disk under APPEND', import.meta.filename, function () {
  this.timeout(120_000)
  let disk: SmallDisk
  let f: Fixture | undefined
  const before_ = process.env['TMPDIR']
  before(async () => {
    disk = new SmallDisk(20)
    process.env['TMPDIR'] = disk.path // where the fixture makes its folder
    f = await startFixture({ threads: 1, quota: 500 * 1024 ** 2 })
  })
  after(async () => {
    try {
      await f?.[Symbol.asyncDispose]() // audits the store
    } finally {
      if (before_ === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before_
      disk?.[Symbol.dispose]()
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
    disk.fill(12 * 1024 ** 2)
    let answer = ''
    let n = 0
    do answer = await append(c, n++)
    while (n < 200 && /^OK/m.test(answer))
    expect(answer).to.match(/^NO \[UNAVAILABLE\]/m)
    expect(kept.size).to.be.above(3)
    for (let again = 0; again < 5; again++) expect(await append(c, n++)).to.match(/^(NO \[UNAVAILABLE\]|OK)/m)
    await allThere(c)
    disk.makeRoom()
    const later = await f!.as(an)
    await until('OK with room again', async () => /^OK/m.test(await append(later, n++)))
    await allThere(later)
    const uids = [...kept.keys()]
    expect(uids).to.deep.equal([...uids].sort((a, b) => a - b))
  })

  it('answers so from the moment that little is left, and what is there can be read and taken away', async () => {
    const c = await f!.as(an)
    await c.ok('SELECT INBOX')
    disk.fill(3 * 1024 ** 2) // a fifth of the disk is kept free (mailserver/store/sqlite/room.ts)
    // it looks at the disk every 50 ms
    await until('NO', async () => /^NO \[UNAVAILABLE\]/m.test(await c.append('INBOX', mail('Ngắn'))))
    await c.ok('STORE 1 +FLAGS (\\Deleted)')
    await c.ok('EXPUNGE')
    disk.makeRoom()
    await until('OK with room again', async () => /^OK/m.test(await c.append('INBOX', mail('Ngắn'))))
  })
})
