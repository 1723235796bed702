import { expect } from 'chai'
import { pieces } from '#webmail/search/highlight.ts'
import { readQuery } from '#webmail/search/query.ts'

const now = '2026-11-24T02:00:00Z'

describe('webmail: search', () => {
  const nothing = { words: [], phrases: [], unread: [] }
  const queries: [typed: string, want: object][] = [
    ['', nothing],
    ['giấy phép', { ...nothing, words: ['giấy', 'phép'], phrases: ['giấy phép'] }],
    ['"giấy phép" xây dựng', { ...nothing, words: ['giấy phép', 'xây', 'dựng'], phrases: ['giấy phép', 'xây dựng'] }],
    ['từ: hà báo cáo', { ...nothing, from: 'hà', words: ['báo', 'cáo'], phrases: ['báo cáo'] }],
    ['TU:"Trần Hà"', { ...nothing, from: 'Trần Hà' }],
    ['Từ:an'.normalize('NFD'), { ...nothing, from: 'an' }],
    ['đến:motcua tiêu đề: “tờ trình”', { ...nothing, to: 'motcua', subject: 'tờ trình' }],
    ['tieu de:a chủ đề:b', { ...nothing, subject: 'b' }],
    ['có tệp: báo cáo', { ...nothing, file: '', words: ['báo', 'cáo'], phrases: ['báo cáo'] }],
    ['co tep:pdf', { ...nothing, file: 'pdf' }],
    ['tệp:"tờ trình.docx"', { ...nothing, file: 'tờ trình.docx' }],
    ['sau:5/11/2026', { ...nothing, since: '2026-11-04T17:00:00Z' }],
    ['trước: 11/2026 x', { ...nothing, before: '2026-10-31T17:00:00Z', words: ['x'], phrases: ['x'] }],
    ['sau:5/11 trước:2027', { ...nothing, since: '2026-11-04T17:00:00Z', before: '2026-12-31T17:00:00Z' }],
    ['sau:31/2/2026', { ...nothing, unread: ['31/2/2026'] }],
    ['trong:"đã gửi" a', { ...nothing, within: 'đã gửi', words: ['a'], phrases: ['a'] }],
    [
      '15/QĐ-STTTT http://x.vn:80 12:30',
      { ...nothing, words: ['15/QĐ-STTTT', 'http://x.vn:80', '12:30'], phrases: ['15/QĐ-STTTT http://x.vn:80 12:30'] },
    ],
    ['"', nothing],
    ['từ:', nothing],
    ['constructor: x', { ...nothing, words: ['constructor:', 'x'], phrases: ['constructor: x'] }],
  ]
  for (const [typed, want] of queries)
    it(`reads ${JSON.stringify(typed)}`, () => expect(readQuery(typed, now)).to.deep.equal(want))

  it('stays bounded whatever is pasted', () => {
    const query = readQuery('a '.repeat(100_000), now)
    expect(query.words).to.have.length(12)
    expect(readQuery('từ:'.repeat(50_000), now).words.length).to.be.lessThan(13)
  })

  it('marks what was found, with or without its marks', () => {
    const shown = (text: string, ...words: string[]) =>
      pieces(text, words)
        .map((p) => (p.hit ? `[${p.text}]` : p.text))
        .join('')
    expect(shown('Cấp Giấy phép', 'giay', 'phep')).to.equal('Cấp [Giấy] [phép]')
    expect(shown('Đường'.normalize('NFD'), 'uon')).to.equal(`Đ${'[ườn]'.normalize('NFD')}g`)
    expect(shown('aaa', 'aa', 'a')).to.equal('[aa][a]')
    expect(shown('không', '')).to.equal('không')
    expect(shown('<b>', 'b')).to.equal('<[b]>')
  })
})
