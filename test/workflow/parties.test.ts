import { expect } from 'chai'
import type { PartyOf } from '#kit/act/fields.ts'
import { RefusalBounds } from '#workflow/worker/bounds.ts'
import { resolveParty } from '#workflow/worker/parties.ts'
import { accounts, agency, head, people } from './ledger.ts'

describe('parties as people type them', () => {
  const cases: [typed: string, of: PartyOf, want: string | RegExp][] = [
    [head, 'head', head],
    ['phongbcxb.stttt', 'head', head],
    ['PHONGBCXB', 'head', head],
    ['Phòng Báo chí - Xuất bản', 'head', head],
    ['phong bao chi xuat ban', 'head', head],
    ['Báo chí', 'head', head],
    ['BCXB', 'head', head],
    ['phòng BCXB', 'head', head],
    ['Phòng', 'head', /có thể là .*Phòng Báo chí - Xuất bản/],
    ['Phòng Mật mã', 'head', /Không có phòng nào là "Phòng Mật mã". Có thể chọn: /],
    [people.officer, 'head', /Không có phòng nào/],
    ['an.nguyen', 'officer', people.officer],
    [head, 'officer', /Không có người nào/],
    ['so.stttt', 'any', /Không có người hoặc phòng nào/],
    ['', 'head', /Không có phòng nào là ""/],
    ['a'.repeat(5000), 'head', /Không có phòng nào là "a{60}"/],
  ]
  for (const [text, of, want] of cases)
    it(`${text.slice(0, 30)} as ${of}`, () => {
      const found = resolveParty({ text, of, agency, accounts, today: '2026-11-26' })
      if (typeof want === 'string') expect(found).to.include({ address: want })
      else expect(found).to.have.property('problem').that.matches(want)
    })

  it('names nobody who is not in office on that day', () => {
    const left = accounts.map((a) => (a.address === head ? { ...a, to: '2026-01-01' } : a))
    expect(resolveParty({ text: head, of: 'head', agency, accounts: left, today: '2026-11-26' })).to.have.property(
      'problem',
    )
  })
})

describe('refusals', () => {
  it('are answered five times an hour, then become one task, then silence', () => {
    const bounds = new RefusalBounds()
    const ask = (minute: number, who = 'a@x') => bounds.next(who, minute * 60_000)
    expect([0, 1, 2, 3, 4].map((m) => ask(m))).to.deep.equal(Array(5).fill('answer'))
    expect([5, 6, 7].map((m) => ask(m))).to.deep.equal(['task', 'silence', 'silence'])
    expect(ask(7, 'b@x')).to.equal('answer')
    expect(ask(60), 'the first of them is an hour old').to.equal('task')
    expect(ask(130)).to.equal('answer')
  })
})
