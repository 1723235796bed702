import { expect } from 'chai'
import { readDate, readDateTime, writeDateTime } from '#mailserver/imap/parse/dates.ts'
import { readFetch } from '#mailserver/imap/parse/fetch.ts'
import { readStoreFlags } from '#mailserver/imap/parse/flags.ts'
import { readList } from '#mailserver/imap/parse/list.ts'
import { BadSyntax, type Piece, Scanner } from '#mailserver/imap/parse/scanner.ts'
import { BadCharset, readSearch } from '#mailserver/imap/parse/search.ts'
import { formatSet, readSequenceSet } from '#mailserver/imap/parse/sequence.ts'
import { decodeUtf7, encodeUtf7 } from '#mailserver/imap/parse/utf7.ts'

/** Text pieces, with literals given as Buffers. */
const scan = (...pieces: (string | Buffer)[]) =>
  new Scanner(
    pieces.map(
      (each): Piece =>
        typeof each === 'string'
          ? { literal: false, octets: Buffer.from(each) }
          : { literal: true, octets: each, binary: false },
    ),
  )

describe('IMAP: sequence sets', () => {
  const good: [given: string, want: unknown][] = [
    ['1', [[1, 1]]],
    [
      '1:3,7',
      [
        [1, 3],
        [7, 7],
      ],
    ],
    ['9:2', [[2, 9]]],
    ['*', [[Infinity, Infinity]]],
    ['*:4', [[4, Infinity]]],
    ['4294967295', [[4294967295, 4294967295]]],
  ]
  for (const [given, want] of good)
    it(given, () => expect(readSequenceSet(scan(given))).to.deep.equal({ saved: false, ranges: want }))
  it('$ of SEARCHRES', () => expect(readSequenceSet(scan('$'))).to.deep.equal({ saved: true }))
  for (const given of ['', '0', '1:', ':1', '1,,2', '1:2:3', '-1', '01', '4294967296', '1:x', '１', '1 2,'])
    it(`refuses ${JSON.stringify(given)}`, () => {
      if (given === '1 2,')
        return expect(readSequenceSet(scan(given))).to.deep.equal({ saved: false, ranges: [[1, 1]] })
      expect(() => readSequenceSet(scan(given))).to.throw(BadSyntax)
    })
  it('refuses more ranges than the limit', () =>
    expect(() => readSequenceSet(scan(`${'1,'.repeat(20_001)}1`))).to.throw(/20000/))
  it('is written compactly', () => expect(formatSet([1, 2, 3, 7, 9, 10])).to.equal('1:3,7,9:10'))
})

describe('IMAP: modified UTF-7', () => {
  it('goes both ways', () => {
    for (const name of ['Đã gửi', 'Thư đến/Năm 2026', 'a&b', '😀', 'x&&y', 'ế'])
      expect(decodeUtf7(encodeUtf7(name))).to.equal(name)
    expect(encodeUtf7('台北')).to.equal('&U,BTFw-') // RFC 3501 §5.1.3
    expect(encodeUtf7('😀')).to.equal('&2D3eAA-')
  })
  for (const wrong of ['&', 'a&b', '&====-', '&A-', '&2D0-'])
    it(`refuses ${wrong}`, () => expect(decodeUtf7(wrong)).to.equal(undefined))
})

describe('IMAP: dates', () => {
  it('a day begins at midnight in Việt Nam', () =>
    expect(new Date(readDate('24-Nov-2026')).toISOString()).to.equal('2026-11-23T17:00:00.000Z'))
  it('date-time with its zone', () =>
    expect(new Date(readDateTime(' 1-Feb-2026 03:04:05 -0230')).toISOString()).to.equal('2026-02-01T05:34:05.000Z'))
  it('is written as it is read', () => {
    const at = Date.UTC(2026, 10, 2, 20, 5, 9)
    expect(writeDateTime(at)).to.equal(' 3-Nov-2026 03:05:09 +0700')
    expect(readDateTime(writeDateTime(at))).to.equal(at)
  })
  for (const wrong of ['31-Feb-2026', '1-Xyz-2026', '2026-11-24', '1-Jan-26', ''])
    it(`refuses ${wrong}`, () => expect(() => readDate(wrong)).to.throw(BadSyntax))
})

describe('IMAP: strings', () => {
  it('astring in all forms', () => {
    expect(scan('abc]').astring().toString()).to.equal('abc]')
    expect(scan('"a\\"b\\\\c"').astring().toString()).to.equal('a"b\\c')
    expect(scan('', Buffer.from('x\r\ny')).astring().toString()).to.equal('x\r\ny')
    expect(scan('NIL').astring().toString()).to.equal('NIL')
    expect(scan('"Thư"').astring().toString()).to.equal('Thư')
  })
  for (const wrong of ['"abc', '"a\\x"', '(', '', '{5}', '"a\0"'])
    it(`refuses ${JSON.stringify(wrong)}`, () => expect(() => scan(wrong).astring()).to.throw(BadSyntax))
  it('nesting is bounded', () => {
    expect(() => readSearch(scan(` ${'('.repeat(10_000)}ALL`))).to.throw(/nested/)
    expect(() => readSearch(scan(` ${'NOT '.repeat(10_000)}ALL`))).to.throw(/nested/)
    expect(() => readSearch(scan(` ${'OR ALL '.repeat(10_000)}ALL`))).to.throw(/nested/)
  })
})

describe('IMAP: SEARCH arguments', () => {
  const read = (...pieces: (string | Buffer)[]) => readSearch(scan(...pieces)).key
  it('keys and-ed, negated and or-ed', () =>
    expect(read(' UNSEEN OR (FROM ha SUBJECT "bản tin") NOT 1:3')).to.deep.equal({
      key: 'and',
      of: [
        { key: 'not', of: { key: 'flag', flag: '\\Seen' } },
        {
          key: 'or',
          of: [
            {
              key: 'and',
              of: [
                { key: 'header', name: 'from', value: 'ha' },
                { key: 'header', name: 'subject', value: 'bản tin' },
              ],
            },
            { key: 'not', of: { key: 'set', byUid: false, set: { saved: false, ranges: [[1, 3]] } } },
          ],
        },
      ],
    }))
  it('literals and charsets', () => {
    expect(read(' CHARSET UTF-8 SUBJECT ', Buffer.from('Thư'))).to.deep.equal({
      key: 'header',
      name: 'subject',
      value: 'Thư',
    })
    expect(read(' CHARSET windows-1258 TEXT ', Buffer.from([0xd0]))).to.deep.equal({ key: 'text', value: 'Đ' })
    expect(() => read(' CHARSET KLINGON TEXT x')).to.throw(BadCharset)
  })
  it('header, uid, modseq, sizes, dates', () => {
    expect(read(' HEADER CongSo-Kind ""')).to.deep.equal({ key: 'header', name: 'congso-kind', value: '' })
    expect(read(' UID 5:*')).to.deep.equal({ key: 'set', byUid: true, set: { saved: false, ranges: [[5, Infinity]] } })
    expect(readSearch(scan(' MODSEQ "/flags/\\\\draft" all 620162338'))).to.deep.equal({
      key: { key: 'modseq', since: 620162338 },
      modseq: true,
    })
    expect(read(' LARGER 10')).to.deep.equal({ key: 'larger', octets: 10 })
    expect(read(' ON "24-Nov-2026"')).to.deep.equal({
      key: 'internal',
      from: readDate('24-Nov-2026'),
      to: readDate('25-Nov-2026'),
    })
  })
  it('RETURN options', () => {
    expect([...readSearch(scan(' RETURN () ALL')).returns!]).to.deep.equal(['ALL'])
    expect([...readSearch(scan(' RETURN (MIN COUNT) ALL')).returns!]).to.deep.equal(['MIN', 'COUNT'])
  })
  for (const wrong of [
    '',
    ' ',
    ' FOO',
    ' OR ALL',
    ' NOT',
    ' (',
    ' ()',
    ' ALL)',
    ' SUBJECT',
    ' SINCE yesterday',
    ' UID x',
    ' RETURN (X) ALL',
  ])
    it(`refuses ${JSON.stringify(wrong)}`, () => expect(() => readSearch(scan(wrong))).to.throw(BadSyntax))
  it('refuses more keys than the limit', () => expect(() => read(` ${'ALL '.repeat(1_001)}`)).to.throw(/1000/))
})

describe('IMAP: FETCH arguments', () => {
  it('macros, lists and modifiers', () => {
    expect(readFetch(scan(' 1:* ALL')).items.map((each) => each.item)).to.deep.equal([
      'flags',
      'internaldate',
      'size',
      'envelope',
    ])
    expect(readFetch(scan(' 1 (UID FLAGS) (CHANGEDSINCE 12)')).changedSince).to.equal(12)
  })
  const sections: [given: string, label: string, peek: boolean, part: string, text: string][] = [
    ['BODY[]', 'BODY[]', false, '', 'all'],
    ['body.peek[]', 'BODY[]', true, '', 'all'],
    ['BODY[1.2.MIME]', 'BODY[1.2.MIME]', false, '1.2', 'mime'],
    ['BODY[HEADER]', 'BODY[HEADER]', false, '', 'header'],
    ['BODY[3.TEXT]', 'BODY[3.TEXT]', false, '3', 'text'],
    ['BODY.PEEK[HEADER.FIELDS (Subject "From")]', 'BODY[HEADER.FIELDS (SUBJECT FROM)]', true, '', 'fields'],
    ['BODY[2.HEADER.FIELDS.NOT (To)]', 'BODY[2.HEADER.FIELDS.NOT (TO)]', false, '2', 'fields-not'],
    ['RFC822.HEADER', 'RFC822.HEADER', true, '', 'header'],
  ]
  for (const [given, label, peek, part, text] of sections)
    it(given, () => {
      const [item] = readFetch(scan(` 1 ${given}`)).items
      expect(item).to.include({ item: 'section', label, peek })
      expect((item as { section: object }).section).to.include({ part, text })
    })
  it('partials', () =>
    expect(readFetch(scan(' 1 BODY[]<5.10>')).items[0]).to.deep.include({ partial: { from: 5, count: 10 } }))
  for (const wrong of [
    '',
    ' 1',
    ' 1 ()',
    ' 1 FOO',
    ' 1 BODY[',
    ' 1 BODY[MIME]',
    ' 1 BODY[0]',
    ' 1 BODY[1..2]',
    ' 1 BODY[1HEADER]',
    ' 1 BODY[]<1.0>',
    ' 1 BODY[HEADER.FIELDS ()]',
    ' 1 BODY[HEADER.FIELDS (a:b)]',
    ' 1 BODY.PEEK',
    ' 1 (FLAGS',
    ' 1 FLAGS FLAGS',
    ' 1 FLAGS (FOO 1)',
  ])
    it(`refuses ${JSON.stringify(wrong)}`, () => expect(() => readFetch(scan(wrong))).to.throw(BadSyntax))
})

describe('IMAP: flags and LIST arguments', () => {
  it('system flags get our spelling, \\Recent is left out', () =>
    expect(readStoreFlags(scan('(\\seen \\FLAGGED $Work \\Recent \\Seen)'))).to.deep.equal([
      '\\Seen',
      '\\Flagged',
      '$Work',
    ]))
  it('without parentheses', () => expect(readStoreFlags(scan('\\Deleted x'))).to.deep.equal(['\\Deleted', 'x']))
  for (const wrong of ['(\\Nonsense)', '(a(b)', '(%)', `(${'x'.repeat(101)})`, '(đ)'])
    it(`refuses ${wrong.slice(0, 20)}`, () => expect(() => readStoreFlags(scan(wrong))).to.throw(BadSyntax))
  it('extended LIST', () => {
    const asked = readList(scan(' (SUBSCRIBED) "" (INBOX "Chung/%") RETURN (CHILDREN STATUS (MESSAGES UNSEEN))'))
    expect(asked.patterns.map(String)).to.deep.equal(['INBOX', 'Chung/%'])
    expect(asked.returns).to.deep.equal({
      subscribed: false,
      children: true,
      specialUse: false,
      myRights: false,
      status: ['MESSAGES', 'UNSEEN'],
    })
  })
  it('RECURSIVEMATCH alone is refused', () =>
    expect(() => readList(scan(' (RECURSIVEMATCH) "" *'))).to.throw(BadSyntax))
})
