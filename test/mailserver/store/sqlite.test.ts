import { once } from 'node:events'
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { Statements } from '#kit/store/statements.ts'
import { auditStore, openStoreHost } from '#mailserver/store/open.ts'
import { type StoreHost, type StoreReader, sortColumns } from '#mailserver/store/port.ts'
import { Sweep } from '#mailserver/store/sqlite/blobs.ts'
import { Commits } from '#mailserver/store/sqlite/commits.ts'
import { SqliteReader } from '#mailserver/store/sqlite/reader.ts'
import { until } from '#test/until.ts'
import { noPrefix, storeContract } from './contract.ts'
import { text, withFile } from './messages.ts'

storeContract({ name: 'SQLite', open: (dir) => openStoreHost({ dir }), module: '#mailserver/store/open.ts' })

const at = Date.UTC(2026, 10, 23)

describe('store on SQLite', () => {
  let dir: string
  let store: StoreHost
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'congso-sqlite-'))
    store = await openStoreHost({ dir })
    await store.write('openAccount', { account: 1, kind: 'person' })
    await store.write('openAccount', { account: 3, kind: 'register' })
  })
  afterEach(async () => {
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })
  const inbox = () => store.read.mailbox(1, 'INBOX')!.id
  const files = () => globSync(`${dir}/{blobs/*,tmp}/*`)
  const rowsOf = (query: string) => {
    using db = new DatabaseSync(join(dir, 'cell.sqlite'), { readOnly: true })
    return db.prepare(query).all()
  }
  const put = (raw: Buffer) =>
    store.write('deliver', { raw, recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }], at })

  it('keeps one file for the same scan in ten envelopes, and none when the last is gone', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => put(withFile(`Lần ${'x'.repeat(i)}`, 300_000))))
    expect(files()).to.have.length(1)
    expect(statSync(files()[0]!).size).to.be.within(405_000, 420_000)
    await store.write('expunge', { mailbox: inbox(), uids: [1, 2, 3, 4, 5, 6, 7, 8, 9], force: true })
    expect(files()).to.have.length(1)
    await store.write('expunge', { mailbox: inbox(), force: true, keep: { by: 'a@b.vn', at } })
    expect(files()).to.have.length(1)
    await store.write('purgeDeleted', { before: at + 1, most: 1000 })
    expect(files()).to.have.length(0)
  })

  it('leaves no file behind for a job that was refused or failed', async () => {
    const raw = withFile('Hỏng', 200_000)
    const refused = await store.write('append', {
      mailbox: store.read.mailbox(3, 'Ledger')!.id,
      raw,
      flags: [],
      internalDate: at,
    })
    expect(refused).to.deep.equal({ refused: 'append-only' })
    const failed = await store
      .write('deliver', { raw, recipients: [{ account: 99, mailbox: 'INBOX', prefix: noPrefix }], at })
      .catch((e: Error) => e.message)
    expect(failed).to.match(/never opened/)
    expect(files()).to.have.length(0)
  })

  it('sweeps what a crash left: what is half-written at start, the rest once it has nothing else to do', async () => {
    await put(withFile('Giữ', 100_000))
    await store[Symbol.asyncDispose]()
    writeFileSync(join(dir, 'tmp', '1-2-3'), 'half')
    for (let i = 0; i < 600; i++) writeFileSync(join(dir, 'blobs', 'ab', `ab${String(i).padStart(62, '0')}`), 'x')
    store = await openStoreHost({ dir })
    expect(globSync(`${dir}/tmp/*`)).to.deep.equal([])
    await put(withFile('Trong khi đó', 150_000))
    await until('the files without a row are gone', () => files().length === 2)
    expect(await store.audit()).to.deep.equal([])
  })

  it('looks for what a crash left some files at a time, beside new ones', async () => {
    await put(withFile('Giữ', 100_000))
    for (let i = 0; i < 30; i++) writeFileSync(join(dir, 'blobs', '00', `00${String(i).padStart(62, '0')}`), 'x')
    using db = new DatabaseSync(join(dir, 'cell.sqlite'), { readOnly: true })
    const row = db.prepare('select 1 from blob where sha = ?')
    let asked = 0
    const sweep = new Sweep(dir, (sha) => {
      asked++
      return row.get(sha) !== undefined
    })
    for (let more = true, steps = 0; more; steps++) {
      if (steps < 20) await put(withFile(`Trong khi đó ${steps}`, 70_000 + steps))
      const before = asked
      more = sweep.step(10)
      expect(asked - before).to.be.at.most(10)
    }
    expect(files()).to.have.length(21)
    expect(await store.audit()).to.deep.equal([])
  })

  it('lets nobody else write to the same cell, and everybody audit it', async () => {
    expect(
      await openStoreHost({ dir }).then(
        () => 'opened',
        (e: Error) => e.message,
      ),
    ).to.match(/another program writes/)
    expect(await auditStore({ dir })).to.deep.equal([])
  })

  it('serves session threads: they write, read what they wrote, and hear of each other', async () => {
    const told: string[] = []
    store.onChange((c) => told.push(c.kind))
    const port = store.invite()
    const worker = new Worker(new URL('./session.ts', import.meta.url), { workerData: { port }, transferList: [port] })
    const exited = once(worker, 'exit') // a quick thread ends in the moment of its message
    const [said] = await once(worker, 'message')
    expect(said).to.deep.equal({ uid: 1, unseen: 1, octets: text('Từ luồng khác', 'x').length })
    await until('word of it here as well', () => told.includes('exists'))
    await exited
    await put(text('Sau đó', 'y'))
    expect(store.read.mailboxById(inbox())!.messages).to.equal(2)
  })

  it('empties deleted folders when it has nothing else to do', async () => {
    await store.write('createMailbox', { account: 1, path: 'Cũ' })
    const { id } = store.read.mailbox(1, 'Cũ')!
    await store.write('append', { mailbox: id, raw: withFile('Bỏ', 100_000), flags: [], internalDate: at })
    await store.write('deleteMailbox', { account: 1, path: 'Cũ' })
    const deadline = Date.now() + 10_000
    while (files().length > 0 && Date.now() < deadline) await new Promise((r) => setTimeout(r, 20))
    expect(files()).to.have.length(0)
    expect(await store.audit()).to.deep.equal([])
  })

  it('has sort keys of messages of an earlier version from their octets until idle slices have made the rows', async () => {
    const reply = /Message-ID: (<.*>)/.exec(text('Gốc', 'x').toString())![1]!
    await put(text('Gốc', 'x'))
    await put(text('Trả lời', 'y', `References: ${reply}\r\n`))
    for (let i = 0; i < 120; i++) await put(text(`Thư ${i}`, `${i}`))
    await put(withFile('Có tệp', 300_000))
    const box = inbox()
    const uids = Array.from({ length: 123 }, (_, i) => i + 1)
    const seen = (read: StoreReader) => ({
      sorted: read.sortRows(box, uids, [...sortColumns]),
      threads: read.threadRows(box, uids),
      previews: uids.map((content) => read.listing(content).preview),
    })
    const now = seen(store.read)
    await store[Symbol.asyncDispose]()
    const db = new DatabaseSync(join(dir, 'cell.sqlite'))
    db.exec(`delete from listing where content <> 7; update thread_key set holders = 1; delete from thread_key
      where key not in (select message_key from listing); insert or replace into meta select 'unlisted', max(id) from content`)
    const reader = new SqliteReader(new Statements(db), dir, new Commits())
    expect(seen(reader)).to.deep.equal(now)
    expect(reader.listing(2)).to.not.have.property('thread')
    db.close()
    store = await openStoreHost({ dir })
    expect(seen(store.read)).to.deep.equal(now)
    expect(await store.audit()).to.deep.equal([])
    await put(text('Mới', 'z', `References: ${reply}\r\n`))
    await until('all have their rows', () => uids.every((content) => store.read.listing(content).thread !== undefined))
    expect(seen(store.read)).to.deep.equal(now)
    const threads = [1, 2, 124].map((content) => store.read.listing(content).thread)
    expect(new Set(threads).size).to.equal(1)
    await until(
      'the mark is gone',
      () => rowsOf("select 1 from meta where name in ('unlisted', 'listed')").length === 0,
    )
    expect(await store.audit()).to.deep.equal([])
  })

  it('keeps nobody from their mail for a message of an earlier version that cannot be read', async () => {
    await put(text('Hỏng', 'x'))
    await put(text('Lành', 'y'))
    await store[Symbol.asyncDispose]()
    const damaged = new DatabaseSync(join(dir, 'cell.sqlite'))
    damaged.exec(`delete from listing; delete from thread_key; insert or replace into meta select 'unlisted', max(id) from content;
      update octets set segments = 'x' where content = 1`)
    damaged.close()
    store = await openStoreHost({ dir })
    expect(store.read.sortRows(inbox(), [1, 2], ['subject']).map((r) => r.uid)).to.deep.equal([1, 2])
    await until('both have their rows', () => rowsOf('select 1 from listing').length === 2)
    expect(store.read.listing(1)).to.deep.equal({ thread: 1, preview: '' })
    expect(store.read.listing(2).preview).to.equal('y')
  })

  describe('audit', () => {
    const tampered: [what: string, sql: string, said: RegExp][] = [
      ['a counter', 'update mailbox set unseen = 5 where id = 1', /says unseen 5, its rows make 1/],
      ['a usage', 'update account set octets = octets + 1 where id = 1', /account 1 says \d+ octets/],
      ['a UID', 'update mailbox set uid_next = 1 where id = 1', /UID 1 although the next is 1/],
      ['a MODSEQ', 'update message set modseq = 99', /MODSEQ 99/],
      ['the log of changes', "update changed set runs = '7,7'", /does not name UID 1/],
      ['octets', "update octets set octets = cast(replace(cast(octets as text), 'xem', 'XEM') as blob)", /SHA-256/],
      ['a reference', 'update content set refs = refs + 1', /references/],
      ['a lost row', 'delete from message where mailbox = 1', /held by nobody/],
      ['the full-text index', 'delete from fts', /does not know content/],
      ['a note for the index', 'insert into unindexed values (999)', /999 waits for the full-text index/],
      ['sort keys', 'delete from listing', /has no sort keys/],
      ['fields', "update listing set field_lines = 'Subject: x'", /are not those of its header/],
      ['a thread', 'update thread_key set holders = 5', /counts 5 holders, there are 1/],
      ['a blob count', 'update blob set refs = 2', /counts 2 references, there are 1/],
      ['an entry', `update ledger set data = '{"seq":1,"x":1}'`, /another hash than its data/],
      ['a head', 'update account set ledger_seq = 2 where id = 3', /says its head is 2/],
      ['an entry that is gone', 'delete from ledger', /its entries end at 0/],
    ]
    for (const [what, sql, said] of tampered)
      it(`notices ${what} that was tampered with`, async () => {
        await put(withFile('Xem', 100_000))
        await store.write('deliver', {
          raw: text('Lệnh', 'c'),
          recipients: [{ account: 3, mailbox: 'INBOX', prefix: noPrefix }],
          at,
        })
        const data = '{"seq":1}'
        await store.write('ledgerCommit', {
          account: 3,
          expectedHead: 0,
          command: { id: 'c', uid: 1 },
          entry: { raw: text('Sự kiện', data), data, messageId: 'e' },
          year: 2026,
          notices: [],
          at,
        })
        await until('the index', () => store.read.indexBacklog() === 0)
        expect(await store.audit()).to.deep.equal([])
        const db = new DatabaseSync(join(dir, 'cell.sqlite'))
        db.exec(sql)
        db.close()
        expect((await store.audit()).join('\n')).to.match(said)
      })

    it('notices a file that is gone or changed', async () => {
      await put(withFile('Xem', 100_000))
      writeFileSync(files()[0]!, 'x')
      expect((await store.audit()).join('\n')).to.match(/1 octets on the disk/)
      rmSync(files()[0]!)
      expect((await store.audit()).join('\n')).to.match(/is not on the disk/)
    })
  })
})
