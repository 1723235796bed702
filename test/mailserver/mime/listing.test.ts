/** What lists are sorted and threaded by: base subjects, dates, Message-IDs, previews, collation. */
import { expect } from 'chai'
import { collationKey } from '#kit/vi/collate.ts'
import { readDate } from '#mailserver/mime/date.ts'
import { indexMessage } from '#mailserver/mime/index.ts'
import { readMessageIds, referencesOf } from '#mailserver/mime/msgids.ts'
import { previewOf } from '#mailserver/mime/preview.ts'
import { baseSubject } from '#mailserver/mime/subject.ts'

describe('base subject (RFC 5256 §2.1)', () => {
  const cases: [subject: string, base: string, reply: boolean][] = [
    ['', '', false],
    ['Báo cáo', 'Báo cáo', false],
    ['Re: Báo cáo', 'Báo cáo', true],
    ['RE:FWD: fw :Báo cáo', 'Báo cáo', true],
    ['Re', 'Re', false],
    ['Re Báo cáo', 'Re Báo cáo', false],
    ['Rep: x', 'Rep: x', false],
    ['Re[2]: x', 'x', true],
    ['Re [nhóm] : x', 'x', true],
    ['[nhóm] x', 'x', false],
    ['[nhóm] Re: [khác] x', 'x', true],
    ['[nhóm]', '[nhóm]', false],
    ['[a] [b]', '[b]', false],
    ['Re: [a]', '[a]', true],
    ['x (fwd)', 'x', true],
    ['x (FWD) \t (fwd) ', 'x', true],
    ['(fwd)', '', true],
    ['[fwd: x]', 'x', true],
    ['[Fwd: [a] Re: x (fwd)]', 'x', true],
    ['[fwd: x] y', 'y', false],
    ['[fwd:]', '', true],
    ['[a [b]] c', '[a [b]] c', false],
    ['[a', '[a', false],
    ['re: re: re:', '', true],
  ]
  for (const [subject, base, reply] of cases)
    it(JSON.stringify(subject), () => expect(baseSubject(subject)).to.deep.equal({ base, reply }))

  const bombs: [what: string, subject: string, base: string][] = [
    ['"Re:" a hundred thousand times', `${'Re:'.repeat(100_000)}x`, 'x'],
    ['brackets', '[a]'.repeat(300_000), '[a]'],
    ['brackets and Re', '[a]re:'.repeat(100_000), ''],
    ['brackets that only open', '['.repeat(1_000_000), '['.repeat(1_000_000)],
    ['[fwd: in one another', `${'[fwd:'.repeat(100_000)}x${']'.repeat(100_000)}`, 'x'],
    ['[fwd: with lists before each', `${'[fwd:[a][b]'.repeat(50_000)}x${']'.repeat(50_000)}`, 'x'],
    ['(fwd)', `x${'(fwd)'.repeat(200_000)}`, 'x'],
    ['spaces', `${' '.repeat(500_000)}x${' '.repeat(500_000)}`, 'x'],
    ['Re and spaces', `${`re${' '.repeat(1000)}:`.repeat(1000)}x`, 'x'],
    ['Re and no colon', `re${' '.repeat(1_000_000)}`, 're'],
  ]
  for (const [what, subject, base] of bombs)
    it(`takes no longer for ${what}`, () => {
      const from = performance.now()
      expect(baseSubject(subject).base === base, 'the base').to.equal(true)
      expect(performance.now() - from).to.be.below(10_000) // quadratic: minutes
    })
})

describe('Date (RFC 5322 §3.3, RFC 5256 §2.2)', () => {
  const cases: [given: string, want: string | undefined][] = [
    ['Mon, 23 Nov 2026 08:00:00 +0700', '2026-11-23T01:00:00.000Z'],
    ['23 Nov 2026 08:00 +0700 (ICT)', '2026-11-23T01:00:00.000Z'],
    ['Mon,23 nov 2026 8:0:0 -0330', '2026-11-23T11:30:00.000Z'],
    ['Mon, 23 Nov 26 08:00:00 EST', '2026-11-23T13:00:00.000Z'],
    ['23 Nov 99 08:00:00 GMT', '1999-11-23T08:00:00.000Z'],
    ['23 Nov 2026 08:00:00', '2026-11-23T08:00:00.000Z'],
    ['23 Nov 2026', '2026-11-23T00:00:00.000Z'],
    ['23 Nov 2026 31:00:00 +0700', '2026-11-22T17:00:00.000Z'],
    ['23 Nov 2026 08:00:00 +0799', '2026-11-23T08:00:00.000Z'],
    ['23 Nov 2026 08:00:00 XYZ', '2026-11-23T08:00:00.000Z'],
    ['31 Feb 2026 08:00:00 +0000', undefined],
    ['23 Foo 2026 08:00:00 +0000', undefined],
    ['2026-11-23T08:00:00+07:00', '2026-11-23T01:00:00.000Z'],
    ['hôm qua', undefined],
    ['', undefined],
    [`${' '.repeat(99)}x`, undefined],
  ]
  for (const [given, want] of cases)
    it(JSON.stringify(given.slice(0, 40)), () => {
      const at = readDate(given)
      expect(at === undefined ? undefined : new Date(at).toISOString()).to.equal(want)
    })
})

describe('Message-IDs (RFC 5256 §3)', () => {
  const cases: [given: string, want: string[]][] = [
    ['<a@b>', ['a@b']],
    ['<a@b><c@d>\t<e@f>', ['a@b', 'c@d', 'e@f']],
    ['<"a"@b> <"a b"@c> <"a\\"b"@c>', ['a@b', 'ab@c', 'a"b@c']],
    ['<no at> <@b> <a@> a@b', []],
    ['<<a@b>', ['a@b']],
    ['Thư "của bạn" <a@b> hôm qua', ['a@b']],
    ['<a\n @b>', ['a@b']],
  ]
  for (const [given, want] of cases) it(given, () => expect(readMessageIds(given)).to.deep.equal(want))
  it('In-Reply-To only where References has none, and only its first', () => {
    expect(referencesOf('<a@b> <c@d>', '<e@f>')).to.deep.equal(['a@b', 'c@d'])
    expect(referencesOf('nothing', '<e@f> <g@h>')).to.deep.equal(['e@f'])
    expect(referencesOf(undefined, undefined)).to.deep.equal([])
  })
  it('of ten thousand the first and the last are kept', () => {
    const ids = readMessageIds(Array.from({ length: 10_000 }, (_, i) => `<${i}@a>`).join(' '))
    expect(ids).to.have.length(500)
    expect([ids[0], ids[1], ids.at(-1)]).to.deep.equal(['0@a', '9501@a', '9999@a'])
    expect(readMessageIds('<'.repeat(500_000))).to.deep.equal([])
  })
})

describe('preview (RFC 8970)', () => {
  const cases: [what: string, text: string, want: string][] = [
    ['plain', 'Kính gửi Sở,\n\n  xin báo cáo.', 'Kính gửi Sở, xin báo cáo.'],
    ['quotes left out', 'Đồng ý.\n\nNgày 2/11, An đã viết:\n> Kính gửi\n> Hà', 'Đồng ý.'],
    ['quotes only', '> Kính gửi\n> Hà', '> Kính gửi > Hà'],
    ['a colon that introduces no quote', 'Danh sách:\n- một', 'Danh sách: - một'],
    ['controls and fillers', 'a\u0000\u0007b\u200b\u034f\u200bc', 'a b c'],
    ['nothing', ' \n ', ''],
  ]
  for (const [what, text, want] of cases) it(what, () => expect(previewOf(text)).to.equal(want))
  it('has 200 characters at most, and no half of one', () => {
    expect([...previewOf('ế'.repeat(1000))]).to.have.length(200)
    expect([...previewOf('😀'.repeat(1000))]).to.have.length(200)
    expect(previewOf(`${'a'.repeat(199)}e\u0302\u0301 x`)).to.equal('a'.repeat(199))
    expect(previewOf('😀'.repeat(100_000)).isWellFormed()).to.equal(true)
  })
  it('of HTML has no tags, of a mail without text nothing', () => {
    const html =
      'Content-Type: text/html; charset=utf-8\r\n\r\n<style>p{}</style><p>Kính g&#7917;i <b>Sở</b></p><script>x</script>'
    expect(indexMessage(Buffer.from(html)).listing.preview).to.equal('Kính gửi Sở')
    expect(indexMessage(Buffer.from('Content-Type: image/png\r\n\r\nxx')).listing.preview).to.equal('')
  })
})

describe('collation', () => {
  it('puts Vietnamese letters where a reader looks for them, marks behind none', () => {
    const words = ['z', 'Đơn', 'dân', 'e', 'ê', 'Dan', 'dần', '', '9', '10', 'đ', 'd', '_']
    expect([...words].sort((a, b) => (collationKey(a) < collationKey(b) ? -1 : 1))).to.deep.equal([
      '',
      '10',
      '9',
      'd',
      'đ',
      'Dan',
      'dân',
      'dần',
      'Đơn',
      'e',
      'ê',
      'z',
      '_',
    ])
  })
  it('makes equal what differs in case or normalisation, and nothing else', () => {
    expect(collationKey('ĐƠN Xin')).to.equal(collationKey('đơn xin'))
    expect(collationKey('hòa')).to.equal(collationKey('ho\u0300a'))
    expect(collationKey('don')).not.to.equal(collationKey('đơn'))
  })
})
