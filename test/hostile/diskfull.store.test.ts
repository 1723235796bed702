/** The writer alone, on a disk that becomes full when the files of a letter are written and its rows are not yet committed. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { DiskFull } from '#kit/store/diskfull.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { Jobs, StoreHost } from '#mailserver/store/port.ts'
import { describeOnSmallDisks, SmallDisk } from './support/smalldisk.ts'

const DISK_MB = 14
/** the writer does not begin below this (mailserver/store/sqlite/room.ts) */
const KEPT_FREE = Math.floor(0.2 * DISK_MB * 1024 ** 2)

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

  const deliver = (raw: string): Promise<Jobs['deliver']['out']> =>
    store.write('deliver', {
      raw: Buffer.from(raw),
      recipients: [{ account: 1, mailbox: 'INBOX', prefix: Buffer.alloc(0) }],
      handover: 'one',
      at: Date.now(),
    })
  const letter = (type: string, octets: string) =>
    `Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: ${type}\r\n\r\n${octets}\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n${hex(70_000)}\r\n--b--\r\n`

  it('rolls back, leaves no file, says so, and takes the same letter with room again, once', async () => {
    // a part's octets are one file whatever it is, known from the first letter; as text it goes through the log, for search
    const text = hex(1_000_000)
    await store.write('append', {
      raw: Buffer.from(letter('application/octet-stream', text)),
      mailbox: store.read.mailbox(1, 'Archive')!.id,
      flags: [],
      internalDate: 0,
    })
    disk.fill(KEPT_FREE + 256 * 1024)
    const second = letter('text/plain', text)
    const refused = await deliver(second).catch((err: unknown) => err)
    expect(refused).to.be.instanceOf(DiskFull)
    expect(String(refused), 'from SQLite, in the middle').to.contain('database or disk is full')
    expect(readdirSync(join(dir(), 'tmp'))).to.deep.equal([])
    expect(await store.audit()).to.deep.equal([])
    expect(store.read.mailbox(1, 'INBOX')!.messages).to.equal(0)
    disk.makeRoom()
    for (const duplicate of [false, true]) {
      const { results } = await deliver(second)
      expect(results[0]).to.deep.include({ ok: true, duplicate })
    }
    expect(store.read.mailbox(1, 'INBOX')!.messages).to.equal(1)
    expect(await store.audit()).to.deep.equal([])
  })
})

const hex = (length: number) =>
  randomBytes(length / 2)
    .toString('hex')
    .replaceAll(/.{76}/g, '$&\r\n')
