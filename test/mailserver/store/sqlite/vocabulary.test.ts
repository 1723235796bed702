import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { Statements } from '#kit/store/statements.ts'
import { vocabularyOf } from '#mailserver/store/sqlite/search/vocabulary.ts'

describe('store: vocabulary of the search', () => {
  let sql: Statements
  beforeEach(() => {
    sql = new Statements(new DatabaseSync(':memory:'))
    for (const table of ['word', 'file_word'])
      sql.db.exec(`create table ${table} (n integer primary key, word text not null) strict`)
  })
  afterEach(() => sql.db.close())

  const add = (...words: string[]) => {
    for (const word of words) sql.run('insert into word (word) values (?)', word)
  }
  const find = (fragment: string, atEnd = false, most = 20): string[] | undefined => {
    const work = vocabularyOf(sql, 'word').find(fragment, atEnd, most)
    for (;;) {
      const step = work.next()
      if (step.done) return step.value?.sort()
    }
  }

  const cases: [what: string, words: string[], fragment: string, atEnd: boolean, found: string[]][] = [
    ['nothing there', [], 'a', false, []],
    ['anywhere', ['phong', 'hong', 'ho', 'khong'], 'hong', false, ['hong', 'khong', 'phong']],
    ['at the end', ['phong', 'hongha', 'hong'], 'hong', true, ['hong', 'phong']],
    ['first and last of the table', ['abc', 'x', 'cab'], 'ab', false, ['abc', 'cab']],
    ['not over the edge of two words', ['so', 'van'], 'ov', false, []],
    ['twice in one word', ['anan'], 'an', false, ['anan']],
    ['a word that stands there twice', ['an', 'ba', 'an'], 'an', true, ['an']],
    ['beside letters of other scripts', ['đường9', '書x9', 'ŧ12'], '9', true, ['đường9', '書x9']],
  ]
  for (const [what, words, fragment, atEnd, found] of cases)
    it(what, () => {
      add(...words)
      expect(find(fragment, atEnd)).to.deep.equal(found)
    })

  it('sees what came since it was last asked', () => {
    add('mot')
    expect(find('mo')).to.deep.equal(['mot'])
    add('moi', 'hai')
    expect(find('mo')).to.deep.equal(['moi', 'mot'])
    expect(find('ha', true)).to.deep.equal([])
  })

  it('gives up when too many fit', () => {
    add(...Array.from({ length: 21 }, (_, n) => `x${n}`))
    expect(find('x')).to.equal(undefined)
    expect(find('x19', true)).to.deep.equal(['x19'])
  })

  it('keeps the tables of words apart', () => {
    add('thu')
    sql.run('insert into file_word (word) values (?)', 'thue')
    const inFiles = [...[vocabularyOf(sql, 'file_word').find('thu', false, 10).next().value]]
    expect(inFiles).to.deep.equal([['thue']])
  })

  it('is whole when two searches take turns in reading it', () => {
    sql.db.exec(
      `insert into word (word) with recursive c (n) as (select 1 union all select n + 1 from c where n < 50000) select 'w' || n || 'e' from c`,
    )
    const both = ['w49999', 'w20001'].map((f) => vocabularyOf(sql, 'word').find(f, false, 10))
    const results: (string[] | undefined)[] = []
    while (results.length < 2)
      for (const [i, work] of both.entries()) {
        const step = work.next()
        if (step.done && step.value) results[i] = step.value
      }
    expect(results).to.deep.equal([['w49999e'], ['w20001e']])
    expect(find('w4321')).to.have.members(['w4321e', ...Array.from({ length: 10 }, (_, n) => `w4321${n}e`)])
  })
})
