import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { Statements } from '#kit/store/statements.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import { idleStep, indexStep } from '#mailserver/store/sqlite/idle.ts'
import { steps } from '#mailserver/store/sqlite/schema.ts'
import { text, withFile } from '../messages.ts'

const at = Date.UTC(2026, 0, 1)
/** The last version that kept octets beside the texts, and prefixes in the rows of messages; one that had no sort keys before it. */
const BEFORE = 8
const LETTERS = 130
const tidied = { wide: 0, octets: 0, unlisted: 0, fieldless: 0, marks: 0 }

/** A store of version 8 with all that the store in `dir` has, in its place. */
function makeEarlier(dir: string): void {
  const path = join(dir, 'cell.sqlite')
  const old = new DatabaseSync(`${path}.old`, { defensive: false })
  old.exec('pragma page_size = 8192; pragma auto_vacuum = incremental; pragma journal_mode = wal')
  migrate(old, steps.slice(0, BEFORE))
  old.exec(`attach '${path}' as now`)
  const columns = (table: string) =>
    old
      .prepare('select name from pragma_table_info(?1) intersect select name from pragma_table_info(?1, ?2)')
      .all(table, 'now')
      .map((r) => String(r['name']))
  const tables = old
    .prepare(
      "select name from main.sqlite_schema where type = 'table' and sql not like 'create virtual%' and name <> 'sqlite_sequence'",
    )
    .all()
    .map((r) => String(r['name']))
  for (const table of tables) {
    const same = columns(table).filter((c) => !['segments', 'octets'].includes(c) || table !== 'body')
    const more = table === 'body' ? ', segments, octets' : ''
    const from =
      table === 'body'
        ? ', o.segments, o.octets from now.body b join now.octets o using (content)'
        : `from now.${table}`
    old.exec(`delete from main.${table}`)
    old.exec(`insert into main.${table} (${same.join()}${more}) select ${same.join()} ${from}`)
  }
  old.exec(`update message set prefix = coalesce((select p.octets from now.prefix p join now.message m on m.prefix_n = p.n where m.id = message.id), prefix);
    delete from meta where name in ('wide', 'octets in body');
    delete from listing; delete from thread_key; insert or replace into meta select 'unlisted', max(id) from content`)
  old.exec('detach now')
  old.close()
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
  renameSync(`${path}.old`, path)
}

describe('store: of an earlier version', () => {
  let dir: string
  let store: StoreHost
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'congso-earlier-'))
    store = await openStoreHost({ dir })
    await store.write('openAccount', { account: 1, kind: 'person' })
    await store.write('openAccount', { account: 2, kind: 'person' })
    await Promise.all(
      Array.from({ length: LETTERS }, (_, i) =>
        store.write('deliver', {
          raw: i % 20 ? text(`Thư ${i}`, `nội dung ${i}`) : withFile(`Tệp ${i}`, 100_000),
          recipients: [1, 2].map((account) => ({
            account,
            mailbox: 'INBOX',
            prefix: i % 3 ? Buffer.from(`Return-Path: <a${i}@x.vn>\r\nDelivered-To: ${account}\r\n`) : new Uint8Array(),
          })),
          at,
        }),
      ),
    )
  })
  afterEach(async () => {
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  const id = (account: number, path = 'INBOX') => store.read.mailbox(account, path)!.id
  const all = (account: number, path = 'INBOX') =>
    store.read
      .rows(id(account, path), { ranges: [[1, 2 ** 32 - 1]], limit: 10_000 })
      .map((row) => Buffer.concat([...store.read.octets(row.message)]).toString('latin1'))
  const found = (account: number, value: string) =>
    store.read.search(id(account), { key: 'header', name: 'return-path', value })
  /** what is left of the earlier form: rows with a prefix in them, contents with octets in their texts or without sort keys, and marks */
  const left = () => {
    const db = new DatabaseSync(join(dir, 'cell.sqlite'), { readOnly: true })
    const row = db
      .prepare(
        `select (select count(*) from message where prefix <> x'') as wide, (select count(*) from body where segments <> '') as octets,
         (select count(*) from content where id not in (select content from listing)) as unlisted,
         (select count(*) from listing where field_lines is null) as fieldless,
         (select count(*) from meta where name in ('wide', 'octets in body', 'unlisted', 'without fields')) as marks`,
      )
      .get()
    db.close()
    return { ...row }
  }
  const tidy = () => {
    const sql = new Statements(openDatabase(join(dir, 'cell.sqlite')))
    while (idleStep(sql, dir));
    sql.db.close()
  }
  const goBack = async () => {
    await store[Symbol.asyncDispose]()
    const sql = new Statements(openDatabase(join(dir, 'cell.sqlite')))
    while (indexStep(sql, dir)); // it was written with the messages
    sql.db.close()
    makeEarlier(dir)
  }

  it('is served at once as it is, and brought into the form of today while nothing else is to be done', async () => {
    const before = [all(1), all(2)]
    await goBack()
    store = await openStoreHost({ dir })
    expect(left()).to.include({ wide: 2 * Math.floor((LETTERS * 2) / 3), octets: LETTERS, unlisted: LETTERS, marks: 4 })
    expect(await store.audit()).to.deep.equal([])
    expect([all(1), all(2)]).to.deep.equal(before)
    expect(found(1, 'a7@')).to.deep.equal(before[0]!.flatMap((t, i) => (t.includes('<a7@') ? [i + 1] : [])))
    tidy()
    expect(left()).to.deep.equal(tidied)
    expect([all(1), all(2)]).to.deep.equal(before)
    expect(await store.audit()).to.deep.equal([])
  })

  it('takes every job meanwhile', async () => {
    const before = [all(1), all(2)]
    await goBack()
    store = await openStoreHost({ dir })
    await store.write('createMailbox', { account: 1, path: 'Bản sao' })
    await store.write('copy', { from: id(1), uids: [5, 6, 7], to: id(1, 'Bản sao'), move: false })
    await store.write('copy', { from: id(1), uids: [8, 9, 10], to: id(1, 'Bản sao'), move: true })
    await store.write('copy', { from: id(2), uids: [1, 2], to: id(1, 'Bản sao'), move: true })
    expect(all(1, 'Bản sao')).to.deep.equal([...before[0]!.slice(4, 10), ...before[1]!.slice(0, 2)])
    await store.write('expunge', { mailbox: id(2), uids: [3, 4], force: true })
    await store.write('storeFlags', { mailbox: id(2), uids: [5, 6], change: { op: 'add', flags: ['\\Seen', 'K'] } })
    await store.write('renameMailbox', { account: 2, from: 'INBOX', to: 'Cũ' })
    expect(all(2, 'Cũ')).to.deep.equal(before[1]!.slice(4))
    // the last holder of a letter with a file
    await store.write('expunge', { mailbox: id(1), force: true })
    expect(await store.audit()).to.deep.equal([])
    tidy()
    expect(left()).to.deep.equal(tidied)
    expect(all(2, 'Cũ')).to.deep.equal(before[1]!.slice(4))
    expect(await store.audit()).to.deep.equal([])
  })

  for (const committed of [0, 1, 3, 4, 7, 8])
    it(`loses nothing when it is killed in a step after ${committed}`, async () => {
      const before = [all(1), all(2)]
      await goBack()
      // the store's own thread would take the steps from us
      const child = spawn(process.execPath, [join(import.meta.dirname, 'killedmidway.ts'), dir, String(committed)], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      const [, signal] = await once(child, 'exit')
      expect(signal).to.equal('SIGKILL')
      expect(left()['marks']).to.be.greaterThan(0)
      store = await openStoreHost({ dir })
      expect([all(1), all(2)]).to.deep.equal(before)
      expect(await store.audit()).to.deep.equal([])
      tidy()
      expect(left()).to.deep.equal(tidied)
      expect([all(1), all(2)]).to.deep.equal(before)
      expect(await store.audit()).to.deep.equal([])
    })

  it('knows also stores whose octets an earlier program moved all at once', async () => {
    const before = [all(1), all(2)]
    await goBack()
    const db = new DatabaseSync(join(dir, 'cell.sqlite'))
    db.exec(`create table octets (content integer primary key, segments text not null, octets blob not null) strict;
      insert into octets (content, segments, octets) select content, segments, octets from body;
      alter table body drop column segments;
      alter table body drop column octets;
      pragma user_version = ${BEFORE + 1}`)
    db.close()
    store = await openStoreHost({ dir })
    expect([all(1), all(2)]).to.deep.equal(before)
    const raw = text('Mới', 'x')
    await store.write('deliver', { raw, recipients: [{ account: 1, mailbox: 'INBOX', prefix: new Uint8Array() }], at })
    expect(all(1).at(-1)).to.equal(raw.toString('latin1'))
    tidy()
    expect(await store.audit()).to.deep.equal([])
  })
})
