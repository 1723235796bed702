import { expect } from 'chai'
import { quotaShown } from '#webmail/list/quota.ts'
import { listHref, readListQuery, subjectShown } from '#webmail/list/rows.ts'

describe('webmail: the list', () => {
  const plain = { folder: 'INBOX', view: 'all', q: '', page: 1 }
  const queries: [what: string, given: Record<string, unknown>, want: object][] = [
    ['nothing', {}, plain],
    ['a page below one', { trang: '-3' }, plain],
    ['a page that is no number', { trang: '1e999' }, plain],
    ['a view that does not exist', { xem: 'x' }, plain],
    ['lists where one text belongs', { q: ['a', 'b'], f: ['c'] }, plain],
    ['spaces around the search', { q: '  giấy phép ' }, { ...plain, q: 'giấy phép' }],
  ]
  for (const [what, given, want] of queries) it(`reads ${what}`, () => expect(readListQuery(given)).to.deep.equal(want))

  it('cuts a pasted text', () => expect(readListQuery({ q: 'ậ'.repeat(5000) }).q).to.have.length(200))
  it('writes an address that reads back as the same query', () => {
    const query = { folder: 'Chung/motcua.stttt/INBOX', view: 'unread', q: 'a&b=ậ', page: 3 } as const
    const back = Object.fromEntries(new URL(listHref(query, { uid: 7 }), 'http://x').searchParams)
    expect(readListQuery(back)).to.deep.equal(query)
  })
  it("takes a case's code from a structured subject only", () => {
    expect(subjectShown('[K7M2-Q9PX-4] Tiếp nhận', true)).to.equal('Tiếp nhận')
    expect(subjectShown('[K7M2-Q9PX-4] Tiếp nhận', false)).to.equal('[K7M2-Q9PX-4] Tiếp nhận')
    expect(subjectShown('', false)).to.equal('(không có chủ đề)')
  })

  it('shows a quota in the units that it was granted in', () => {
    expect(quotaShown({ used: 0, limit: 1_000_000_000 })?.limit).to.match(/^1(,0)?\sGB$/)
    expect(quotaShown({ used: 3 * 1_000_000_000, limit: 1_000_000_000 })?.share).to.equal(100)
    expect(quotaShown({ used: 5, limit: 0 })).to.equal(undefined)
    expect(quotaShown(undefined)).to.equal(undefined)
  })
})
