import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import { wentBack } from '#mailserver/store/sqlite/wentback.ts'
import { noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 0, 1)
const LETTERS = 300

describe('store: the log of changes', () => {
  let dir: string
  let store: StoreHost
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'congso-changed-'))
    store = await openStoreHost({ dir })
    await store.write('openAccount', { account: 1, kind: 'person' })
    await store.write('createMailbox', { account: 1, path: 'Khác' })
    await Promise.all(Array.from({ length: LETTERS }, (_, i) => put(`Thư ${i % 50}`)))
  })
  afterEach(async () => {
    expect(await store.audit()).to.deep.equal([])
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  const box = (path = 'INBOX') => store.read.mailbox(1, path)!.id
  const put = (subject: string) =>
    store.write('deliver', {
      raw: text(subject, 'x'),
      recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
      at,
    })
  const flag = (uids: number[], flag: string) =>
    store.write('storeFlags', { mailbox: box(), uids, change: { op: 'add', flags: [flag] } })
  const lines = () => {
    using db = new DatabaseSync(join(dir, 'cell.sqlite'), { readOnly: true })
    return Number(db.prepare('select count(*) as n from changed where mailbox = ?').get(box())!['n'])
  }

  /** Every way to ask what changed, against a look at all rows; `sample`: every so many mod-sequences. */
  const agrees = (sample: number) => {
    const { read } = store
    const whole: [number, number][] = [[1, 2 ** 32 - 1]]
    const rows = read.rows(box(), { ranges: whole, limit: 10_000 })
    const highest = read.mailboxById(box())!.highestModseq
    for (const since of [0, 1, ...Array.from({ length: highest / sample }, (_, i) => highest - i * sample)]) {
      const changed = rows.filter((r) => r.modseq > since)
      expect(read.rows(box(), { ranges: whole, changedSince: since, limit: 10_000 })).to.deep.equal(changed)
      const middle: [number, number][] = [[100, 200]]
      expect(read.rows(box(), { ranges: middle, changedSince: since, limit: 7 })).to.deep.equal(
        changed.filter((r) => r.uid >= 100 && r.uid <= 200).slice(0, 7),
      )
      const columns = read.flagColumnsSince(box(), since, 40)
      if (changed.length > 40) expect(columns).to.equal(undefined)
      else if (columns) expect([...columns.uids]).to.deep.equal(changed.map((r) => r.uid))
    }
  }

  it('knows what changed by whatever job', async () => {
    const every = Array.from({ length: LETTERS / 3 }, (_, i) => 1 + i * 3)
    await flag(every, '\\Seen') // more runs than a line names
    await flag([5, 6, 7, 40, 41, 200], '$Label')
    await flag([6], '\\Flagged')
    await store.write('copy', { from: box(), uids: [1, 2, 3], to: box('Khác'), move: false })
    await store.write('copy', { from: box('Khác'), uids: [1, 3], to: box(), move: true })
    await store.write('copy', { from: box(), uids: [6, 7], to: box('Khác'), move: true })
    await store.write('expunge', { mailbox: box(), uids: [40, 50], force: true })
    await put('Cuối')
    agrees(1)
    const last = store.read.mailboxById(box())!.highestModseq
    expect([...store.read.flagColumnsSince(box(), last - 1, 40)!.uids]).to.deep.equal([LETTERS + 3])
  })

  it('keeps the latest thousand or so, and looks at all rows for what was before', async () => {
    const jobs: Promise<unknown>[] = []
    for (let i = 0; i < LETTERS; i++) jobs.push(flag([1 + i], 'first'))
    // the log forgets that those behind the first fifty changed at all
    for (let i = 0; i < 1400; i++) jobs.push(flag([1 + (i % 50)], `k${Math.floor(i / 50)}`))
    await Promise.all(jobs)
    expect(lines()).to.be.within(1024, 1024 + 256)
    agrees(50)
  })

  it('says of a store that had no such log, and of one that was put back, only what it knows', async () => {
    const before = store.read.mailboxById(box())!.highestModseq
    await flag([9], '\\Seen')
    await store[Symbol.asyncDispose]()
    using db = new DatabaseSync(join(dir, 'cell.sqlite'))
    db.exec('delete from changed')
    store = await openStoreHost({ dir })
    agrees(20)
    expect(store.read.flagColumnsSince(box(), before, 40)).to.equal(undefined)
    await flag([10, 12], '\\Seen')
    agrees(20)
    expect([...store.read.flagColumnsSince(box(), before + 1, 40)!.uids]).to.deep.equal([10, 12])
    const known = store.read.mailboxById(box())!.highestModseq
    await store[Symbol.asyncDispose]()
    wentBack(dir, { holdQueue: false })
    store = await openStoreHost({ dir })
    const all = store.read.rows(box(), { ranges: [[1, 2 ** 32 - 1]], changedSince: known, limit: 10_000 })
    expect(all).to.have.length(LETTERS)
  })
})
