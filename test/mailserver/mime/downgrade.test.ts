/** Headers in UTF-8 rewritten for programs that know only ASCII (RFC 6857, RFC 6858), read again by us and by Python's email. */
import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { downgrade, edited, headersOf } from '#mailserver/mime/downgrade.ts'
import { indexMessage } from '#mailserver/mime/index.ts'
import { installed } from '#test/programs.ts'

const editsOf = (raw: Buffer) =>
  headersOf(indexMessage(raw).structure).flatMap(({ from, to }) => downgrade(raw.subarray(from, to), from))
const downgraded = (raw: Buffer | string): Buffer => {
  const octets = Buffer.from(raw)
  return Buffer.concat([...edited([octets], editsOf(octets))])
}

describe('a header in UTF-8 as ASCII', () => {
  const cases: [what: string, field: string, ascii: string][] = [
    ['a text', 'Subject: Báo cáo', 'Subject: =?utf-8?B?QsOhbyBjw6Fv?='],
    ['a text of encoded and raw words', 'Subject: =?utf-8?Q?B=C3=A1o?= cáo', 'Subject: =?utf-8?B?QsOhbyBjw6Fv?='],
    ['a field that nobody knows', 'X-Cơ-quan: y', ''],
    ['the same in its value', 'X-Co-quan: Sở', 'X-Co-quan: =?utf-8?B?U+G7nw==?='],
    ['a folded one', 'Subject: Báo\r\n cáo', 'Subject: =?utf-8?B?QsOhbyBjw6Fv?='],
    ['a display name', 'From: Hà <ha@x.vn>', 'From: =?utf-8?B?SMOg?= <ha@x.vn>'],
    ['a quoted one', 'From: "Hà, x" <ha@x.vn>', 'From: =?utf-8?B?SMOgLCB4?= <ha@x.vn>'],
    ['a comment for a name', 'From: ha@x.vn (Hà)', 'From: =?utf-8?B?SMOg?= <ha@x.vn>'],
    [
      'several, one of them ASCII with a comma in its name',
      'To: "Lan, P." <lan@x.vn>, Hà <ha@x.vn>',
      'To: "Lan, P." <lan@x.vn>,\r\n =?utf-8?B?SMOg?= <ha@x.vn>',
    ],
    ['a group', 'To: Sở: a@x.vn, b@x.vn;', 'To: =?utf-8?B?U+G7nw==?=: <a@x.vn>,\r\n <b@x.vn>;'],
    ['a domain, which has an ASCII form', 'To: ha@sở.vn', 'To: <ha@xn--s-lym.vn>'],
    [
      'a local part, which has none',
      'From: "H" <hà@x.vn>',
      'From: =?utf-8?B?SCBow6BAeC52bg==?= <invalid@internationalized-address.invalid>',
    ],
    ['a quoted local part', 'From: Hà <"h a"@x.vn>', 'From: =?utf-8?B?SMOg?= <"h a"@x.vn>'],
    ['an id', 'Message-ID: <đơn@x.vn>', 'Downgraded-Message-ID: =?utf-8?B?PMSRxqFuQHgudm4+?='],
    ['a list', 'List-Id: Bản tin <tin.x.vn>', 'List-Id: =?utf-8?B?QuG6o24gdGlu?= <tin.x.vn>'],
    ['a trace', 'Received: from sở.vn by x.vn; Mon, 23 Nov 2026 08:00:00 +0700', ''],
    [
      'a parameter',
      'Content-Type: application/pdf; name="Quyết định.pdf"; x=1',
      `Content-Type: application/pdf;\r\n name*=utf-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf;\r\n x="1"`,
    ],
    [
      'a parameter that stands there in ASCII too',
      `Content-Disposition: attachment; filename="đơn"; filename*=utf-8''%C4%91%C6%A1n`,
      `Content-Disposition: attachment;\r\n filename*="utf-8''%C4%91%C6%A1n"`,
    ],
    ['a broken type', 'Content-Type: text/plâin', ''],
    ['no field at all', 'Đây không phải', ''],
  ]
  for (const [what, field, ascii] of cases)
    it(what, () => {
      const raw = `A: 1\r\n${field}\r\nB: 2\r\n\r\nthân thư\r\n`
      expect(downgraded(raw).toString()).to.equal(`A: 1\r\n${ascii}${ascii && '\r\n'}B: 2\r\n\r\nthân thư\r\n`)
    })

  it('what is not UTF-8 stays as it came, and so does ASCII', () => {
    for (const raw of [
      Buffer.from('Subject: C\xf4ng v\xe8n\r\nFrom: a@b\r\n\r\nx\r\n', 'latin1'),
      Buffer.from('Subject: =?utf-8?Q?B=C3=A1o?=\r\n\r\ncáo\r\n'),
    ])
      expect(downgraded(raw).equals(raw)).to.equal(true)
  })

  it('no line is longer than 78, and none of a long text is lost', () => {
    const subject = 'Quyết định về việc '.repeat(60).trim()
    const octets = downgraded(`Subject: ${subject}\r\nContent-Type: text/plain; name="${subject}.txt"\r\n\r\nx\r\n`)
    expect(octets.toString().match(/^.{79,}$/m)).to.equal(null)
    const read = indexMessage(octets)
    expect(read.subject).to.equal(subject)
    expect(read.structure.filename).to.equal(`${subject}.txt`)
  })

  it('is the same however the octets are cut, in parts and in letters in letters too', () => {
    const inner = 'From: Hà <ha@x.vn>\r\nSubject: Bên trong\r\n\r\nchữ\r\n'
    const raw = Buffer.from(
      `Subject: Báo cáo\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8; name="tệp.txt"\r\n\r\nchữ\r\n--b\r\nContent-Description: Đơn\r\nContent-Type: message/rfc822\r\n\r\n${inner}--b--\r\n`,
    )
    const whole = downgraded(raw).toString()
    expect(whole.match(/chữ/g)).to.have.length(2)
    expect(whole.replaceAll('chữ', '')).to.match(/^[\x00-\x7f]*$/)
    const edits = editsOf(raw)
    for (const length of [1, 2, 7, 30, 64]) {
      const pieces: Buffer[] = []
      for (let at = 0; at < raw.length; at += length) pieces.push(raw.subarray(at, at + length))
      expect(Buffer.concat([...edited(pieces, edits)]).toString(), `pieces of ${length}`).to.equal(whole)
    }
  })

  it("Python's email reads the same out of both", function () {
    if (!installed('python3')) return this.skip()
    const raw = Buffer.from(
      `From: "Trần, Hà" <ha@x.vn>\r\nTo: Sở: Lan <lan@x.vn>, Bình <binh@x.vn>;, Đức <duc@x.vn>\r\nSubject: Về việc cấp phép xuất bản bản tin của Sở Thông tin và Truyền thông\r\nComments: Đã kiểm tra\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nThân thư\r\n--b\r\nContent-Type: application/pdf; name="Quyết định số 12 về việc cấp phép xuất bản bản tin.pdf"\r\nContent-Disposition: attachment; filename="Quyết định số 12 về việc cấp phép xuất bản bản tin.pdf"\r\n\r\n%PDF\r\n--b--\r\n`,
    )
    const script = `
import email, email.policy, json, sys
m = email.message_from_string(sys.stdin.buffer.read().decode(), policy=email.policy.SMTPUTF8)
assert not any(p.defects for p in m.walk()), [p.defects for p in m.walk()]
header = lambda n: str(m[n])
people = lambda n: [(a.display_name, a.addr_spec) for a in m[n].addresses]
print(json.dumps([header('Subject'), header('Comments'), people('From'), people('To'), [g.display_name for g in m['To'].groups], [p.get_filename() for p in m.walk()], m.get_body().get_content()]))
`
    const read = (octets: Buffer) =>
      JSON.parse(execFileSync('python3', ['-c', script], { input: octets, encoding: 'utf8' }))
    const octets = downgraded(raw)
    expect(octets.toString().replace('Thân thư', '')).to.match(/^[\x00-\x7f]*$/)
    expect(read(octets)).to.deep.equal(read(raw))
  })
})
