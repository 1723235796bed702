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

  it('plans a statement with a limit once, not each time that it runs', () => {
    const sql = new Statements(new DatabaseSync(':memory:'))
    sql.run('create table t (n integer primary key)')
    // twelve joins take hundreds of times longer to plan than an empty table takes to read
    const joins = Array.from({ length: 12 }, (_, i) => `join t t${i} on t${i}.n > t.n`).join(' ')
    const time = (limit: string, ...values: number[]) => {
      sql.all(`select t.n from t ${joins} ${limit}`, ...values)
      const from = performance.now()
      for (let i = 0; i < 50; i++) sql.all(`select t.n from t ${joins} ${limit}`, ...values)
      return performance.now() - from
    }
    const literal = Math.min(time('limit 5'), time('limit 5'), time('limit 5'))
    const bound = Math.min(...[1, 2, 3].flatMap(() => [time('limit ?', 5), time('limit ?1', 5)]))
    expect(bound).to.be.lessThan(literal * 20)
  })

  it('gives no more rows than the limit that is bound', () => {
    const sql = new Statements(new DatabaseSync(':memory:'))
    sql.run('create table t (n integer primary key)')
    for (let n = 1; n <= 9; n++) sql.run('insert into t values (?)', n)
    const text = 'select n from t where n > ?2 order by n limit ?1 offset 1'
    expect([3, 0, 5].map((limit) => sql.all<{ n: number }>(text, limit, 2).map(({ n }) => n))).to.deep.equal([
      [4, 5, 6],
      [],
      [4, 5, 6, 7, 8],
    ])
  })
})
