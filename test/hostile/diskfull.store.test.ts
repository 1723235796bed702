/** The writer alone, on a disk that becomes full in the middle of a commit. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { DiskFull } from '#kit/store/diskfull.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { Jobs, StoreHost } from '#mailserver/store/port.ts'
import { until } from '#test/until.ts'
import { describeOnSmallDisks, SmallDisk } from './support/smalldisk.ts'

const DISK_MB = 48
/** the writer does not begin below this (mailserver/store/sqlite/room.ts) */
const KEPT_FREE = Math.floor(0.2 * DISK_MB * 1024 ** 2)
/** Their octets lie in the database. */
const LETTERS = 20
const OCTETS = 60_000

describeOnSmallDisks('a disk full at the commit', import.meta.filename, () => {
  let disk: SmallDisk
  let store: StoreHost
  const dir = () => join(disk.path, 'cell')
  before(async () => {
    disk = new SmallDisk(DISK_MB)
    mkdirSync(dir())
    store = await openStoreHost({ dir: dir() })
    await store.write('openAccount', { account: 1, kind: 'person' })
  })
  after(async () => {
    await store?.[Symbol.asyncDispose]()
    disk?.[Symbol.dispose]()
  })

  const deliver = (raw: string, n: number): Promise<Jobs['deliver']['out']> =>
    store.write('deliver', {
      raw: Buffer.from(raw),
      recipients: [{ account: 1, mailbox: 'INBOX', prefix: Buffer.alloc(0) }],
      handover: `letter ${n}`,
      at: Date.now(),
    })
  const takenOrFull = (raw: string, n: number) =>
    deliver(raw, n).catch((err: unknown): undefined => {
      if (!(err instanceof DiskFull)) throw err
    })
  const letter = (n: number) => `Subject: ${n}\r\n\r\n${randomBytes(OCTETS / 2).toString('hex')}\r\n`
  const inbox = () => store.read.mailbox(1, 'INBOX')!.messages

  it('rolls back, leaves no file, says so, and takes the same letters with room again, once', async () => {
    let sent = 0
    let inTheMiddle = false
    for (let round = 0; round < 10 && !inTheMiddle; round++) {
      const letters = Array.from({ length: LETTERS }, (_, n) => letter(sent + n))
      disk.fill(KEPT_FREE + 1024 ** 2)
      // the writer looks at the disk at most every 50 ms: once it has seen room, somebody else takes it
      await until('room', () => takenOrFull(letters[0]!, sent))
      disk.fill(64 * 1024)
      const first = await Promise.allSettled(letters.map((raw, n) => deliver(raw, sent + n)))
      const refused = first.flatMap((f) => (f.status === 'rejected' ? [f.reason as unknown] : []))
      for (const why of refused) expect(why).to.be.instanceOf(DiskFull)
      inTheMiddle = refused.some((why) => String(why).includes('database or disk is full'))
      expect(readdirSync(join(dir(), 'tmp'))).to.deep.equal([])
      const lost = first.filter(({ status }, n) => n > 0 && status === 'rejected').length
      expect(inbox(), 'what was acknowledged, and nothing else').to.equal(sent + LETTERS - lost)
      disk.makeRoom()
      expect(await store.audit()).to.deep.equal([])
      const again = await Promise.all(letters.map((raw, n) => until('room', () => takenOrFull(raw, sent + n))))
      for (const [n, { results }] of again.entries())
        expect(results[0]).to.deep.include({ ok: true, duplicate: n === 0 || first[n]!.status === 'fulfilled' })
      sent += LETTERS
      expect(inbox()).to.equal(sent)
    }
    expect(inTheMiddle, 'SQLite itself found the disk full').to.equal(true)
    expect(await store.audit()).to.deep.equal([])
  })
})
