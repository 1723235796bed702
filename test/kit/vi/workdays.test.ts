import { expect } from 'chai'
import { loadProvince, provinceFolder } from '#config/load.ts'
import { calendar } from '#kit/vi/workdays.ts'

describe('kit/vi/workdays', () => {
  const { holidays, workingSwaps } = loadProvince(provinceFolder('haiduong'))
  const c = calendar(holidays, workingSwaps)

  const add: [what: string, from: string, n: number, want: string][] = [
    ['a week', '2026-11-23', 5, '2026-11-30'],
    ['none from a working day', '2026-11-23', 0, '2026-11-23'],
    ['none from a Saturday', '2026-11-21', 0, '2026-11-23'],
    ['over Tết 2026', '2026-02-13', 1, '2026-02-23'],
    ['over the compensation for Giỗ Tổ on a Sunday', '2026-04-24', 1, '2026-04-28'],
    ['over 30/4 and 1/5', '2026-04-29', 1, '2026-05-04'],
    ['over Quốc khánh', '2026-08-31', 1, '2026-09-03'],
    ['into a Saturday worked in exchange', '2025-04-25', 1, '2025-04-26'],
    ['over the year and Tết 2027', '2027-02-04', 1, '2027-02-12'],
    ['twenty days', '2026-11-23', 20, '2026-12-21'],
  ]
  for (const [what, from, n, want] of add)
    it(`adds working days: ${what}`, () => expect(c.addWorkingDays(from, n)).to.equal(want))

  it('counts what it adds, and backwards', () => {
    for (const n of [0, 1, 5, 37, 260]) expect(c.between('2026-01-05', c.addWorkingDays('2026-01-05', n))).to.equal(n)
    expect(c.between('2026-11-30', '2026-11-23')).to.equal(-5)
    expect(c.between('2026-11-20', '2026-11-22')).to.equal(0)
  })

  // Vietnam is UTC+7: 09:00Z is 16:00, closing time in winter; 09:30Z is 16:30, closing time in summer.
  const counts: [what: string, instant: string, want: string][] = [
    ['in office hours', '2026-11-23T02:00:00Z', '2026-11-23'],
    ['a minute before closing', '2026-11-23T08:59:59Z', '2026-11-23'],
    ['at closing', '2026-11-23T09:00:00Z', '2026-11-24'],
    ['after closing on Friday', '2026-11-20T10:00:00Z', '2026-11-23'],
    ['before opening', '2026-11-22T20:00:00Z', '2026-11-23'],
    ['at 16:15 in summer', '2026-07-01T09:15:00Z', '2026-07-01'],
    ['at 16:30 in summer', '2026-07-01T09:30:00Z', '2026-07-02'],
    ['on Tết', '2026-02-18T02:00:00Z', '2026-02-23'],
  ]
  for (const [what, instant, want] of counts)
    it(`what comes ${what} counts on ${want}`, () => expect(c.countsOn(instant)).to.equal(want))

  const ends: [string, string, Parameters<typeof c.deadline>[1], string][] = [
    ['working days end at closing', '2026-11-23T02:00:00Z', { amount: 7, unit: 'workingDay' }, '2026-12-02T09:00:00Z'],
    ['after closing a day later', '2026-11-23T09:30:00Z', { amount: 7, unit: 'workingDay' }, '2026-12-03T09:00:00Z'],
    ['calendar days', '2026-11-23T02:00:00Z', { amount: 20, unit: 'day' }, '2026-12-14T09:00:00Z'],
    [
      'calendar days that end on a working day',
      '2026-11-23T02:00:00Z',
      { amount: 15, unit: 'day' },
      '2026-12-08T09:00:00Z',
    ],
    ['hours of the clock', '2026-11-23T02:00:00Z', { amount: 48, unit: 'hour' }, '2026-11-25T02:00:00Z'],
    ['summer closing', '2026-07-01T02:00:00Z', { amount: 1, unit: 'workingDay' }, '2026-07-02T09:30:00Z'],
  ]
  for (const [what, from, amount, want] of ends)
    it(`deadline: ${what}`, () => expect(c.deadline(from, amount)).to.equal(want))

  it('refuses absurd amounts instead of running for ever', () => {
    expect(() => c.addWorkingDays('2026-11-23', 1e9)).to.throw(RangeError)
    expect(() => c.addWorkingDays('2026-11-23', 1.5)).to.throw(RangeError)
    const never = calendar(
      Array.from({ length: 5000 }, (_, n) => ({
        date: Temporal.PlainDate.from('2026-01-01').add({ days: n }).toString(),
      })),
      [],
    )
    expect(() => never.addWorkingDays('2026-01-01', 1)).to.throw(RangeError)
  })
  it('names the holiday', () => expect(c.holiday('2026-02-17')).to.equal('Tết Nguyên đán'))
})
