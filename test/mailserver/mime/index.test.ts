import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { indexMessage } from '#mailserver/mime/index.ts'
import type { MimePart } from '#mailserver/mime/part.ts'

const folder = join(import.meta.dirname, '../../fixtures/mail')
const index = (name: string) => indexMessage(readFileSync(join(folder, name)))
const of = (text: string) => indexMessage(Buffer.from(text, 'latin1'))
const all = (part: MimePart): MimePart[] => [part, ...part.children.flatMap(all)]

/** Reads IMAP syntax, counting literals in octets; gives back nested arrays. Throws when the text is not well formed. */
function parsed(text: string): unknown {
  const octets = Buffer.from(text)
  let at = 0
  function value(): unknown {
    const c = String.fromCharCode(octets[at]!)
    if (c === '(') {
      at++
      const list: unknown[] = []
      while (octets[at] !== 41) {
        if (octets[at] === 32) at++
        if (at >= octets.length) throw new Error('list does not end')
        list.push(value())
      }
      at++
      return list
    }
    if (c === '"') {
      const m = /^"((?:[^"\\\r\n\x80-\xff]|\\["\\])*)"/.exec(octets.toString('latin1', at, at + 2200))
      if (!m) throw new Error(`quoted string at ${at}`)
      at += m[0].length
      return m[1]!.replaceAll(/\\(.)/g, '$1')
    }
    if (c === '{') {
      const m = /^\{(\d+)\}\r\n/.exec(octets.toString('latin1', at, at + 20))!
      at += m[0].length + Number(m[1])
      return octets.toString('utf8', at - Number(m[1]), at)
    }
    const m = /^(NIL|\d+)/.exec(octets.toString('latin1', at, at + 20))
    if (!m) throw new Error(`atom at ${at}: ${octets.toString('latin1', at, at + 20)}`)
    at += m[0].length
    return m[0] === 'NIL' ? null : Number(m[0])
  }
  const out = value()
  if (at !== octets.length) throw new Error(`${octets.length - at} octets after the end`)
  return out
}

describe('MIME index', () => {
  it('keeps letters whose last octet is A0 (“à”), wherever a raw UTF-8 field ends in one', () => {
    const raw = Buffer.from(
      'From: "Trần Hà" <ha@x.vn>\r\nTo: Hà <b@x.vn>, (chú Đà) c@x.vn\r\nSubject: Đồng chí Hà\r\nContent-Type: text/plain; name=hà\r\n\r\nx\r\n',
    )
    const i = indexMessage(raw)
    expect(i.subject).to.equal('Đồng chí Hà')
    expect(i.envelope).to.include('Trần Hà').and.include('Đồng chí Hà').and.include('chú Đà').and.not.include('Ã')
    expect(i.structure.parameters['name']).to.equal('hà')
  })

  it('reads subjects, names and texts as the programs meant them', () => {
    const said = readdirSync(folder)
      .filter((f) => f.endsWith('.eml'))
      .map((f) => {
        const i = index(f)
        return [
          f,
          i.subject,
          all(i.structure)
            .flatMap((p) => p.filename ?? [])
            .join(),
        ]
      })
    expect(said).to.deep.equal([
      ['gmail-alternative.eml', 'Re: Hồ sơ đề nghị cấp giấy phép', ''],
      ['iphone-nfd-name.eml', 'Đơn đề nghị', 'Đơn đề nghị.pdf'],
      ['mutt-bare-lf.eml', 'log', ''],
      ['outlook-express-tcvn3.eml', 'Giấy mời họp về công tác thông tin tuyên truyền', ''],
      ['outlook-inline-image.eml', 'Lịch họp giao ban tuần 48', 'image001.png'],
      ['postfix-bounce.eml', 'Undelivered Mail Returned to Sender', ''],
      [
        'thunderbird-attachment.eml',
        'Hồ sơ cấp giấy phép xuất bản bản tin',
        'Giấy phép xuất bản bản tin - Hội Nông dân.pdf',
      ],
    ])
    expect(index('outlook-inline-image.eml').text, 'windows-1258, and the same in HTML once').to.equal(
      'Kính mời dự họp giao ban.',
    )
    expect(index('outlook-express-tcvn3.eml').text).to.equal(
      'Đề nghị các đơn vị báo cáo kết quả thực hiện trước ngày 20.',
    )
    expect(index('thunderbird-attachment.eml').text).to.contain('Đề nghị quý cơ quan xem xét.')
    expect(index('postfix-bounce.eml').text).to.contain('Trả kết quả.')
  })

  it('gives offsets that cut out exactly the parts', () => {
    const raw = readFileSync(join(folder, 'postfix-bounce.eml'))
    const parts = all(index('postfix-bounce.eml').structure)
    const cut = (p: MimePart) => raw.toString('utf8', p.bodyStart, p.bodyEnd)
    expect(parts.map((p) => [p.number, p.type])).to.deep.equal([
      ['', 'multipart/report'],
      ['1', 'text/plain'],
      ['2', 'message/delivery-status'],
      ['3', 'message/rfc822'],
      ['3', 'multipart/mixed'],
      ['3.1', 'text/plain'],
    ])
    expect(cut(parts[5]!)).to.equal('Trả kết quả.')
    expect(cut(parts[3]!)).to.match(/^From: an\.nguyen[\s\S]*--in--\r\n$/)
    expect(cut(parts[1]!)).to.match(/^This is the mail system[\s\S]*"khong\.co"\r\n$/)
    expect(raw.toString('utf8', parts[2]!.headerStart, parts[2]!.headerEnd)).to.equal(
      'Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n',
    )
    expect(parts[3]!.lines).to.equal(cut(parts[3]!).split('\n').length - 1)
  })

  it('reads HTML as its words stand: blocks part them, entities end at a tag, blanks are one', () => {
    const of = (html: string) => indexMessage(Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${html}`)).text
    expect(of('<P>một&nbsp; \t hai<BR> \r\n ba<b>&amp;</b>&#273;&#x1F600;</P>')).to.equal('một hai\nba&đ😀')
    expect(of('caf&eacute<b>s</b> &bad; & a<3 <title>x</title><!-- <p> -->y')).to.equal('cafés &bad; & a<3 y')
  })

  it('counts what is missing for lines to end with CRLF', () => {
    const of = (raw: string) => indexMessage(Buffer.from(raw)).lineExtra
    expect(['', 'a: b\r\n\r\nx\r\n', 'a: b\n\nx', '\n', 'x\r', '\r\n\n'].map(of)).to.deep.equal([0, 0, 4, 1, 2, 1])
  })

  it('writes ENVELOPE as RFC 9051 has it: groups, old comments, quoted commas, 8-bit as literals', () => {
    expect(parsed(index('mutt-bare-lf.eml').envelope)).to.deep.include.members([
      [
        ['Hoang', null, 'hoang', 'example.com'],
        ['Nguyen A', null, 'a', 'example.com'],
        ['Le, B', null, 'b', 'example.com'],
      ],
    ])
    const gmail = parsed(index('gmail-alternative.eml').envelope) as unknown[]
    expect(gmail[6]).to.deep.equal([
      [null, null, 'undisclosed-recipients', null],
      [null, null, null, null],
    ])
    expect(gmail[3], 'Sender is From when absent').to.deep.equal(gmail[2])
    expect((parsed(index('outlook-express-tcvn3.eml').envelope) as unknown[])[1]).to.equal(
      'Giấy mời họp về công tác thông tin tuyên truyền',
    )
    const odd = parsed(
      of('From: "a\\"b" <"x y"@[1.2.3.4]>\r\nTo: <@r.vn,@s.vn:a@b.vn>, nobody\r\nSubject: q"\\\t\0z\r\n\r\n').envelope,
    ) as unknown[]
    expect(odd[1]).to.equal('q"\\\tz')
    expect(odd[2]).to.deep.equal([['a"b', null, 'x y', '[1.2.3.4]']])
    expect(odd[5]).to.deep.equal([
      [null, '@r.vn,@s.vn', 'a', 'b.vn'],
      [null, null, 'nobody', ''],
    ])
  })

  const addresses: [written: string, told: unknown][] = [
    [
      'b@[IPv6:::1], c@d',
      [
        [null, null, 'b', '[IPv6:::1]'],
        [null, null, 'c', 'd'],
      ],
    ],
    ['Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>', [['Pete', null, 'pete', 'silly.test']]],
    ['"a b"@c', [[null, null, 'a b', 'c']]],
    ['"a@b"@c', [[null, null, 'a@b', 'c']]],
    ['"quoted \\"x\\"" <"y\\"z"@c>', [['quoted "x"', null, 'y"z', 'c']]],
    ['A\r\n\tB <c@d>', [['A B', null, 'c', 'd']]],
    [
      'x@[never closed, y@z',
      [
        [null, null, 'x', '[never'],
        [null, null, 'y', 'z'],
      ],
    ],
    [
      'G: a@b, c@[1.2.3.4];',
      [
        [null, null, 'G', null],
        [null, null, 'a', 'b'],
        [null, null, 'c', '[1.2.3.4]'],
        [null, null, null, null],
      ],
    ],
  ]
  for (const [written, told] of addresses)
    it(`tells ${JSON.stringify(written)} as RFC 5322 §3.4 means it`, () => {
      expect((parsed(of(`From: ${written}\r\n\r\n`).envelope) as unknown[])[2]).to.deep.equal(told)
    })

  it('reads a type with comments anywhere in it', () => {
    const structure = parsed(
      of('Content-Type: (a) text (b) / (c) html (d); charset=(e) utf-8 (f)\r\n\r\nx').bodyStructure,
    )
    expect((structure as unknown[]).slice(0, 3)).to.deep.equal(['text', 'html', ['charset', 'utf-8']])
  })

  it('writes BODYSTRUCTURE with, and BODY without, extension data', () => {
    const { bodyStructure, body } = index('outlook-inline-image.eml')
    const full = parsed(bodyStructure) as unknown[][]
    expect(full[1]).to.deep.equal([
      ...[
        'image',
        'png',
        ['name', 'image001.png'],
        '<image001.png@01DB3D79.A1B2C3D4>',
        'image001.png',
        'base64',
        100,
        null,
      ],
      ['inline', ['filename', 'image001.png', 'size', '68', 'creation-date', 'Mon, 23 Nov 2026 02:29:58 GMT']],
      ...[null, null],
    ])
    expect(full.slice(2)).to.deep.equal([
      'related',
      ['boundary', '_004_SG2PR04MB1234A1B2C3_', 'type', 'multipart/alternative'],
      null,
      'vi-VN',
      null,
    ])
    expect((parsed(body) as unknown[][]).slice(2)).to.deep.equal(['related'])
    const nested = (parsed(index('postfix-bounce.eml').bodyStructure) as unknown[][])[2]!
    expect(nested.slice(0, 2)).to.deep.equal(['message', 'rfc822'])
    expect((nested[7] as unknown[])[1]).to.equal('=?UTF-8?Q?Tr=E1=BA=A3_k=E1=BA=BFt_qu=E1=BA=A3?=')
    expect(nested[9]).to.equal(14)
  })

  const words: [string, string][] = [
    ['=?utf-8?B?4bqh?= =?utf-8?B?4bqj?=', 'ạả'],
    ['=?utf-8?Q?=E1=BA?=\r\n =?utf-8?Q?=A1_b?=', 'ạ b'],
    ['=?ISO-8859-1?Q?Gi=CAy_m=EAi_h=E4p?=', 'Giấy mời họp'],
    ['=?windows-1258?Q?Vi=EA=F2t?=', 'Việt'],
    ['=?x-la?Q?abc?= x', 'abc x'],
    ['=?utf-8?X?abc?=', '=?utf-8?X?abc?='],
    ['Caf\xe9 \xe0 Paris', 'Café à Paris'],
    [Buffer.from('Tiếng Việt').toString('latin1'), 'Tiếng Việt'],
    ['a =?utf-8?q?b?= c', 'a b c'],
    ['', ''],
  ]
  for (const [given, wanted] of words)
    it(`reads subject ${JSON.stringify(given)}`, () => {
      expect(of(`Subject: ${given}\r\n\r\n`).subject).to.equal(wanted)
    })

  it('reads dates of all kinds, and says nothing of those that are none', () => {
    const date = (text: string) => of(`Date: ${text}\r\n\r\n`).sentAt
    const wanted = Date.UTC(2026, 10, 23, 3, 0, 0)
    expect(date('Mon, 23 Nov 2026 10:00:00 +0700')).to.equal(wanted)
    expect(date('23 Nov 2026 10:00:00 +0700 (Indochina Time)')).to.equal(wanted)
    expect(date('Mon, 23 Nov 2026 03:00:00 GMT')).to.equal(wanted)
    expect(date('hôm nay')).to.equal(undefined)
    expect(of('\r\n').sentAt).to.equal(undefined)
  })

  const hostile: Record<string, Buffer> = {
    nothing: Buffer.alloc(0),
    'no header end': Buffer.from('Subject: x'),
    NULs: Buffer.alloc(5_000_000),
    'empty lines': Buffer.alloc(5_000_000, 10),
    'endless boundaries': Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n${'--b\n'.repeat(1_000_000)}`),
    'closing boundaries': Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n${'--b--\n--b\n'.repeat(500_000)}`),
    'boundary that never comes': Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\nx'),
    'no boundary': Buffer.from('Content-Type: multipart/mixed\r\n\r\n--\r\nx'),
    'message in message': Buffer.from('Content-Type: message/rfc822\n\n'.repeat(100_000)),
    'multipart in multipart': Buffer.from(
      Array.from({ length: 5000 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`).join(''),
    ),
    'same boundary inside': Buffer.from('Content-Type: multipart/mixed; boundary=b\n\n--b\n'.repeat(5000)),
    'endless header': Buffer.from('x: y\n'.repeat(1_000_000)),
    'endless folding': Buffer.from(`Subject: a${'\n '.repeat(1_000_000)}`),
    'open brackets': Buffer.from(`To: ${'('.repeat(500_000)}\nFrom: ${'<'.repeat(1000)}\n\n`),
    'spaces in a parameter': Buffer.from(`Content-Type: text/plain; a=b${' '.repeat(400_000)}(\n\n`),
    'encoded words': Buffer.from(`Subject: ${'=?a?q?'.repeat(80_000)}\n\n`),
    'tags that do not end': Buffer.from(`Content-Type: text/html\n\n${'<style>'.repeat(200_000)}`),
    'bare brackets': Buffer.from(`Content-Type: text/html\n\n${'<'.repeat(1_000_000)}`),
    'text part after text part': Buffer.from(
      `Content-Type: multipart/mixed; boundary=b\n\n${Array.from({ length: 9000 }, (_, i) => `--b\nContent-Type: text/html\n\n<p>${i} ${'x'.repeat(80)}`).join('\n')}`,
    ),
    'names of prototypes': Buffer.from('Content-Type: text/plain; __proto__=1; constructor=2; toString*0=3\r\n\r\nx'),
  }
  for (const [name, raw] of Object.entries(hostile))
    it(`survives ${name}`, function () {
      this.timeout(10_000) // it takes under a second alone; the machine may be busy
      const i = indexMessage(raw)
      for (const text of [i.envelope, i.bodyStructure, i.body]) parsed(text)
      const parts = all(i.structure)
      expect(parts.length).to.be.at.most(10_000)
      for (const p of parts) {
        expect([p.headerStart, p.headerEnd, p.bodyStart, p.bodyEnd]).to.deep.equal(
          [p.headerStart, p.headerEnd, p.bodyStart, p.bodyEnd].sort((a, b) => a - b),
        )
        expect(p.bodyEnd).to.be.at.most(raw.length)
      }
      JSON.stringify(i)
    })

  it('survives every prefix and many mutations of real messages', function () {
    this.timeout(20_000)
    for (const name of readdirSync(folder).filter((f) => f.endsWith('.eml'))) {
      const raw = readFileSync(join(folder, name))
      for (let n = 0; n < raw.length; n += 97) parsed(indexMessage(raw.subarray(0, n)).bodyStructure)
      let seed = raw.length
      for (let round = 0; round < 100; round++) {
        const mutated = Buffer.from(raw)
        for (let k = 0; k < 8; k++) {
          seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
          mutated[seed % mutated.length] = [0, 10, 13, 34, 40, 45, 61, 255][seed % 8]!
        }
        const i = indexMessage(mutated)
        parsed(i.envelope)
        parsed(i.bodyStructure)
      }
    }
  })
})
