import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDatabase } from '#kit/store/open.ts'
import { Statements } from '#kit/store/statements.ts'
import { auditStore, openStoreHost } from '#mailserver/store/open.ts'
import type { SearchKey } from '#mailserver/store/port.ts'
import { Commits } from '#mailserver/store/sqlite/commits.ts'
import { indexStep } from '#mailserver/store/sqlite/idle.ts'
import { IndexDue } from '#mailserver/store/sqlite/indexing.ts'
import { SqliteReader } from '#mailserver/store/sqlite/reader.ts'
import { until } from '#test/until.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 10, 30)
const LETTERS = 260

describe('store: the full-text index', () => {
  let dir: string
  let sql: Statements
  let read: SqliteReader
  const open = () => {
    sql = new Statements(openDatabase(join(dir, 'cell.sqlite')))
    read = new SqliteReader(sql, dir, new Commits())
  }

  /** a store whose writer ended before it came to the index; nobody writes to it by itself */
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'congso-indexing-'))
    const store = await openStoreHost({ dir })
    for (const account of [1, 2]) await store.write('openAccount', { account, kind: 'person' })
    await Promise.all(
      Array.from({ length: LETTERS }, (_, i) =>
        store.write('deliver', {
          raw: text(`Thư số ${i}`, `nội dung zung${i} của thư`),
          recipients: [{ account: 1 + (i % 2), mailbox: 'INBOX', prefix: Buffer.from(`X-N: nguoi${i}@x.vn\r\n`) }],
          at,
        }),
      ),
    )
    await store[Symbol.asyncDispose]()
    open()
    // what had its turn all the same waits again
    sql.run('delete from fts')
    sql.run('insert or ignore into unindexed select id from content')
  })
  afterEach(() => {
    sql.db.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const find = (account: number, value: string, key: 'text' | 'body' = 'text') =>
    read.search(read.mailbox(account, 'INBOX')!.id, { key, value })
  const rows = () => sql.one<{ n: number }>('select count(*) as n from fts_docsize').n

  it('is not needed to find what has just come, and narrows what is looked at once it is there', async () => {
    const asked = () => [
      find(1, 'zung128'),
      find(1, 'nguoi6@'),
      find(2, 'ung7 cua', 'body'),
      find(1, 'zung7'),
      find(1, 'so 25'),
    ]
    expect(read.indexBacklog()).to.equal(LETTERS)
    const want = asked()
    expect(want.map((uids) => uids.length)).to.deep.equal([1, 1, 1, 5, 5])
    expect(await auditStore({ dir })).to.deep.equal([])
    expect(indexStep(sql, dir)).to.equal(true)
    expect(read.indexBacklog(), 'a bounded step').to.equal(LETTERS - 125)
    expect(asked()).to.deep.equal(want)
    while (indexStep(sql, dir));
    expect([read.indexBacklog(), rows()]).to.deep.equal([0, LETTERS])
    expect(asked()).to.deep.equal(want)
    expect(await auditStore({ dir })).to.deep.equal([])
    // now the index alone says where to look
    sql.run('delete from fts')
    expect(asked().flat()).to.deep.equal([])
  })

  it('may be written while a search goes on: what waited when it began is found', () => {
    const key: SearchKey = { key: 'text', value: 'zung128' }
    const slices = read.searchSlices(read.mailbox(1, 'INBOX')!.id, key)
    // the words are looked through first
    sql.run(
      "insert into word (word) with recursive w(n) as (values (1) union all select n + 1 from w where n < 60000) select 'x' || n from w",
    )
    expect(slices.next().value).to.deep.equal([])
    while (indexStep(sql, dir));
    expect([...slices].flat()).to.have.length(1)
  })

  it('is whole after a kill in the middle of it', async () => {
    sql.db.close()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killedindexing.ts'), dir], { stdio: 'inherit' })
    expect(await once(child, 'exit')).to.deep.equal([null, 'SIGKILL'])
    open()
    expect([read.indexBacklog(), rows()]).to.deep.equal([LETTERS, 0])
    expect(find(1, 'zung128')).to.have.length(1)
    // the writer goes on from the notes
    const store = await openStoreHost({ dir })
    await until('the index', () => read.indexBacklog() === 0)
    expect([rows(), find(1, 'zung128').length]).to.deep.equal([LETTERS, 1])
    expect(await store.audit()).to.deep.equal([])
    await store[Symbol.asyncDispose]()
  })

  it('forgets the note with the message', async () => {
    const store = await openStoreHost({ dir })
    for (const account of [1, 2])
      await store.write('expunge', { mailbox: read.mailbox(account, 'INBOX')!.id, force: true })
    expect([read.indexBacklog(), rows()]).to.deep.equal([0, 0])
    await store[Symbol.asyncDispose]()
  })

  it('is due under load when many wait, or one for long', () => {
    while (indexStep(sql, dir));
    const due = new IndexDue(sql)
    expect(due.isNow(false)).to.equal(false)
    due.noted(124)
    expect(due.isNow(false)).to.equal(false)
    due.noted(1)
    expect([due.isNow(false), due.isNow(true)], 'while nobody waits').to.deep.equal([true, false])
    due.noted(125)
    expect(due.isNow(true), 'though others wait').to.equal(true)
    due.written(true)
    expect(due.isNow(false)).to.equal(true)
    due.written(true)
    expect(due.isNow(false)).to.equal(false)
    due.noted(1000)
    due.written(false)
    expect([due.isNow(false), due.waiting], 'what was counted too much').to.deep.equal([false, false])
    due.noted(300)
    due.failed()
    expect(due.isNow(false), 'not at once after a failure').to.equal(false)
  })
})
