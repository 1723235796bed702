import { expect } from 'chai'
import { type Due, dueState, dueWords, rulerCells } from '#kit/web/deadline.ts'

/** 2 September is a holiday; 14 November 2026 is a Saturday. */
const isOff = (d: string) => Temporal.PlainDate.from(d).dayOfWeek > 5 || d.endsWith('-09-02')
const now = '2026-11-12T02:00:00Z' // Thursday, 09:00 in Vietnam

describe('deadlines on pages', () => {
  const cases: [what: string, due: Due, words: string, state: string][] = [
    ['far', { from: '2026-11-02', due: '2026-12-01' }, 'Còn 13 ngày làm việc', 'ok'],
    ['over a weekend', { from: '2026-10-01', due: '2026-11-16' }, 'Còn 2 ngày làm việc', 'soon'],
    ['in days', { from: '2026-10-29', due: '2026-11-18', unit: 'day' }, 'Còn 6 ngày', 'ok'],
    ['the last fifth', { from: '2026-10-29', due: '2026-11-16', unit: 'day' }, 'Còn 4 ngày', 'soon'],
    ['today', { from: '2026-11-02', due: '2026-11-12' }, 'Hạn hôm nay', 'soon'],
    ['today, an hour ago', { from: '2026-11-02', due: '2026-11-12T01:00:00Z' }, 'Vừa quá hạn', 'late'],
    ['yesterday', { from: '2026-11-02', due: '2026-11-11' }, 'Quá 1 ngày làm việc', 'late'],
    ['last Friday', { from: '2026-11-02', due: '2026-11-06' }, 'Quá 4 ngày làm việc', 'late'],
    ['over a holiday', { from: '2026-11-02', due: '2027-09-03' }, 'Còn 210 ngày làm việc', 'ok'],
    ['stopped', { from: '2026-11-02', due: '2026-11-06', holds: [{ from: '2026-11-05' }] }, 'Tạm dừng', 'hold'],
    [
      'done early',
      { from: '2026-11-02', due: '2026-11-12', end: '2026-11-10' },
      'Xong, trước hạn 2 ngày làm việc',
      'done',
    ],
    ['done late', { from: '2026-11-02', due: '2026-11-09', end: '2026-11-10' }, 'Xong, quá 1 ngày làm việc', 'done'],
  ]
  for (const [what, due, words, state] of cases)
    it(`${what}: ${words}`, () => {
      expect(dueWords(due, now, isOff)).to.equal(words)
      expect(dueState(due, now, isOff)).to.equal(state)
    })

  it('an instant late in the evening in Vietnam is of that day', () => {
    expect(dueWords({ from: '2026-11-02', due: '2026-11-12T16:59:00Z' }, '2026-11-12T16:30:00Z', isOff)).to.equal(
      'Hạn hôm nay',
    )
    expect(dueWords({ from: '2026-11-02', due: '2026-11-12' }, '2026-11-12T17:30:00Z', isOff)).to.equal(
      'Quá 1 ngày làm việc',
    )
  })

  it('the ruler has one cell a day, and one a week beyond 45 days', () => {
    const cells = rulerCells({ from: '2026-11-09', due: '2026-11-17' }, now, isOff)
    expect(cells).to.deep.equal(['use', 'use', 'use', 'now', '', 'off', 'off', '', ''])
    expect(rulerCells({ from: '2026-11-09', due: '2026-11-10' }, now, isOff)).to.deep.equal([
      'use',
      'use',
      'over',
      'over',
    ])
    const end = { from: '2026-11-09', due: '2026-11-13', end: '2026-11-11' }
    expect(rulerCells(end, now, isOff)).to.deep.equal(['use', 'use', 'end', '', ''])
    const held = { from: '2026-11-09', due: '2026-11-17', holds: [{ from: '2026-11-10', to: '2026-11-12' }] }
    expect(rulerCells(held, now, isOff).slice(0, 4)).to.deep.equal(['use', 'hold', 'hold', 'now'])
    expect(rulerCells({ from: '2026-01-01', due: '2029-01-01' }, now, isOff).length).to.be.at.most(45)
  })
})
