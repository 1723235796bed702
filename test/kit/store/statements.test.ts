import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { Statements } from '#kit/store/statements.ts'

describe('kit/store statements', () => {
  it('run survives a DELETE on a contentless full-text table, and works after it', () => {
    const sql = new Statements(new DatabaseSync(':memory:'))
    sql.db.exec("create virtual table f using fts5 (a, content = '', contentless_delete = 1); create table t (a)")
    sql.run('insert into f (rowid, a) values (?, ?)', 1, 'xin')
    sql.run('delete from f where rowid = ?', 1)
    sql.run('insert into t values (?)', 5)
    expect(sql.all<{ a: number }>('select a from t').map((r) => r.a)).to.deep.equal([5])
    expect(sql.all('select rowid from f where f match ?', 'xin')).to.deep.equal([])
  })

  it('one says which statement found nothing; get says undefined', () => {
    const sql = new Statements(new DatabaseSync(':memory:'))
    sql.db.exec('create table t (a)')
    expect(sql.get('select a from t')).to.equal(undefined)
    expect(() => sql.one('select a from t')).to.throw('no row: select a from t')
  })
})
