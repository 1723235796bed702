import { expect } from 'chai'
import { fold } from '#kit/vi/fold.ts'
import { parseSize } from '#mailserver/admin/commands/command.ts'
import { parseCsv } from '#mailserver/admin/csv.ts'
import { readPeople } from '#mailserver/admin/people.ts'

describe('lists of people', () => {
  const csv: [what: string, text: string, want: string[][] | string][] = [
    [
      'usual',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'semicolons of Excel, CRLF and a byte-order mark',
      '\ufeffa;b\r\n"c;1";d,2\r\n',
      [
        ['a', 'b'],
        ['c;1', 'd,2'],
      ],
    ],
    [
      'quotes and line breaks inside',
      'a,b\n"x ""y""\nz",w',
      [
        ['a', 'b'],
        ['x "y"\nz', 'w'],
      ],
    ],
    [
      'empty lines and fields',
      'a,b\n\n,\n,x\n',
      [
        ['a', 'b'],
        ['', 'x'],
      ],
    ],
    ['nothing', '', []],
    ['a line without its end', 'a', [['a']]],
    ['a quote that stays open', 'a,b\nc,"d\ne', 'line 2: a quote is opened and never closed'],
    ['too many rows', 'a\n'.repeat(20_010), 'more than 20000 rows'],
  ]
  for (const [what, text, want] of csv)
    it(`reads ${what}`, () => {
      if (typeof want === 'string') expect(() => parseCsv(text)).to.throw(want)
      else expect(parseCsv(text).map((r) => r.fields)).to.deep.equal(want)
    })
  it('counts lines through quoted ones', () =>
    expect(parseCsv('a\n"1\n2\n3"\nb').map((r) => r.line)).to.deep.equal([1, 2, 5]))

  const read = (text: string) => readPeople(text, parseSize, fold)
  it('knows Vietnamese headings', () => {
    expect(
      read('Họ và tên;Địa chỉ thư;Chức vụ;Dung lượng\nTrần Thị Hà;Ha.Tran@haiduong.gov.vn;Văn thư;2GB'),
    ).to.deep.equal({
      people: [{ line: 2, address: 'ha.tran@haiduong.gov.vn', name: 'Trần Thị Hà', title: 'Văn thư', quota: 2e9 }],
    })
  })

  const wrong: [what: string, text: string, says: RegExp][] = [
    ['an unknown column', 'address,name,phone\na@b.vn,A,1', /line 1: there is no column "phone"/],
    ['a missing column', 'address\na@b.vn', /line 1: the column name is missing/],
    ['no address', 'address,name\n,A', /line 2: "" is not an address/],
    ['a bad address', 'address,name\na b@c.vn,A', /line 2: "a b@c.vn" is not an address/],
    ['one twice', 'address,name\na@b.vn,A\nA@B.vn,B', /line 3: a@b.vn is on line 2 already/],
    ['no name', 'address,name\na@b.vn,', /line 2: the name is missing/],
    ['a size in words', 'address,name,quota\na@b.vn,A,nhiều', /line 2: "nhiều" is not a size/],
    ['a short password', 'address,name,password\na@b.vn,A,123', /line 2: the password/],
    ['too many fields', 'address,name\na@b.vn,A,B', /line 2: has 3 fields/],
    ['nothing at all', '', /the list is empty/],
  ]
  for (const [what, text, says] of wrong)
    it(`says what is wrong: ${what}`, () => {
      const got = read(text)
      expect('wrong' in got ? got.wrong.join('\n') : 'nothing').to.match(says)
    })

  it('take the hashes of another mail server in the place of passwords', () => {
    const list = (more: string) => readPeople(`address,name,password_hash,password\na@x.vn,A,${more}`, parseSize, fold)
    const hash = '{SSHA}2kDhbl2Jv4Y5TtSv97QKn2l0pqKoXi+k'
    expect(list(`${hash},`)).to.deep.equal({ people: [{ line: 2, address: 'a@x.vn', name: 'A', passwordHash: hash }] })
    expect(list('{MD5}abc,')).to.deep.equal({ wrong: ['line 2: the password hash is of no kind that is known'] })
    expect(list(`${hash},mat khau dai`)).to.deep.equal({ wrong: ['line 2: has a password and a hash of one'] })
  })
})
