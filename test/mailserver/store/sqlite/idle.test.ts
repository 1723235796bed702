import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDatabase } from '#kit/store/open.ts'
import { Statements } from '#kit/store/statements.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import { idleStep } from '#mailserver/store/sqlite/idle.ts'
import { noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

const DAY = 24 * 3600 * 1000
const at = Date.UTC(2026, 0, 1)

describe('store: housekeeping', () => {
  let dir: string
  let store: StoreHost
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'congso-idle-'))
    store = await openStoreHost({ dir })
    await store.write('openAccount', { account: 1, kind: 'person' })
  })
  afterEach(async () => {
    expect(await store.audit()).to.deep.equal([])
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  /** All that may wait, now, on a connection of our own beside the writer's. */
  const tidy = () => {
    const sql = new Statements(openDatabase(join(dir, 'cell.sqlite')))
    while (idleStep(sql, dir));
    sql.db.close()
  }
  const send = (when: number, to: string) =>
    store.write('submit', {
      raw: text(`Gửi ${to}`, 'x'),
      from: 'an@haiduong.gov.vn',
      local: [],
      outside: [to],
      at: when,
      messageId: to,
      smtputf8: false,
      eightBit: false,
    })
  const end = async (id: number, when: number, state: 'done' | 'failed') => {
    await store.write('queueTake', { now: when, limit: 1 })
    await store.write('queueResult', { id, attempt: { at: when, host: 'mx', reply: state }, state })
  }

  it('forgets hand-overs after three days of the clock that gave them, and not before', async () => {
    const deliver = (handover: string, when: number) =>
      store.write('deliver', {
        raw: text(handover, 'x'),
        recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
        handover,
        at: when,
      })
    await deliver('cũ', at)
    await deliver('mới', at + 2 * DAY)
    tidy()
    expect((await deliver('cũ', at + 2 * DAY)).results[0]).to.include({ duplicate: true })
    await deliver('nữa', at + 4 * DAY)
    tidy()
    expect((await deliver('mới', at + 4 * DAY)).results[0]).to.include({ duplicate: true })
    expect((await deliver('cũ', at + 2 * DAY)).results[0]).to.include({ duplicate: false })
  })

  it('forgets hand-overs of a clock that has been put back, which would stand before the others', async () => {
    const deliver = (handover: string, when: number) =>
      store.write('deliver', {
        raw: text(handover, 'x'),
        recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
        handover,
        at: when,
      })
    await deliver('mười năm sau', at + 3650 * DAY)
    await deliver('cũ', at)
    await deliver('nữa', at + 4 * DAY)
    tidy()
    expect((await deliver('cũ', at)).results[0]).to.include({ duplicate: false })
    expect((await deliver('mười năm sau', at + 4 * DAY)).results[0]).to.include({ duplicate: false })
  })

  it('keeps octets of failed mail for a week and its row for a quarter', async () => {
    const [failed] = (await send(at, 'a@x.vn')).queued
    await end(failed!, at, 'failed')
    await send(at + 5 * DAY, 'b@x.vn')
    tidy()
    expect(store.read.queueOctets(failed!).length).to.be.greaterThan(0)
    await send(at + 8 * DAY, 'c@x.vn')
    tidy()
    expect(() => store.read.queueOctets(failed!)).to.throw()
    expect(store.read.queueCounts().failed).to.equal(1)
    await send(at + 100 * DAY, 'd@x.vn')
    tidy()
    expect(store.read.queueCounts()).to.include({ failed: 0, waiting: 3 })
  })

  it('gives free pages back to the file system', async () => {
    const raw = text('Lớn', 'x'.repeat(40_000))
    for (let i = 0; i < 600; i++)
      await store.write('append', {
        mailbox: store.read.mailbox(1, 'INBOX')!.id,
        raw: Buffer.concat([Buffer.from(`X-N: ${i}\r\n`), raw]),
        flags: [],
        internalDate: at,
      })
    await store.write('expunge', { mailbox: store.read.mailbox(1, 'INBOX')!.id, force: true })
    tidy()
    const db = openDatabase(join(dir, 'cell.sqlite'), { readOnly: true })
    expect(Number(db.prepare('pragma freelist_count').get()!['freelist_count'])).to.be.lessThan(2048)
    db.close()
  })
})
