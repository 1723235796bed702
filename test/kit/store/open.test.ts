import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { transact } from '#kit/store/transact.ts'

describe('kit/store files', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'congso-kit-store-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))
  const open = (readOnly = false) => openDatabase(join(dir, 'a', 'x.sqlite'), { readOnly, pageSize: 8192 })

  it('opens with WAL, full sync, and the page size asked for, in a folder of this user alone', () => {
    const db = open()
    db.exec('create table t (a)')
    const pragma = (name: string) => Object.values(db.prepare(`pragma ${name}`).get()!)[0]
    expect(['journal_mode', 'synchronous', 'page_size', 'auto_vacuum', 'foreign_keys'].map(pragma)).to.deep.equal([
      'wal',
      2,
      8192,
      2,
      1,
    ])
    expect(statSync(join(dir, 'a')).mode & 0o777).to.equal(0o700)
    db.close()
  })

  it('keeps all of a transaction or nothing', () => {
    const db = open()
    db.exec('create table t (a)')
    expect(transact(db, () => db.prepare('insert into t values (1) returning a').get()!['a'])).to.equal(1)
    expect(() =>
      transact(db, () => {
        db.exec('insert into t values (2)')
        throw new Error('no')
      }),
    ).to.throw('no')
    expect(db.prepare('select count(*) as n from t').get()!['n']).to.equal(1)
    db.close()
  })

  it('refuses a promise, and keeps nothing of it', () => {
    const db = open()
    db.exec('create table t (a)')
    const hidden: () => unknown = async () => db.exec('insert into t values (1)')
    expect(() => transact(db, hidden)).to.throw(TypeError, 'promise')
    expect(db.isTransaction).to.equal(false)
    expect(db.prepare('select count(*) as n from t').get()!['n']).to.equal(0)
    db.close()
  })

  it('brings a file to the last step, once, and refuses a newer one', () => {
    const steps = ['create table a (x)', 'create table b (x)']
    const db = open()
    migrate(db, steps.slice(0, 1))
    migrate(db, steps)
    migrate(db, steps)
    expect(() => migrate(db, steps.slice(0, 1))).to.throw(/version 2 and this program knows 1/)
    expect(() => migrate(db, [...steps, 'create table c (x)', 'nonsense'])).to.throw()
    expect(db.prepare("select count(*) as n from sqlite_schema where name = 'c'").get()!['n']).to.equal(0)
    db.close()
  })
})
