import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { letterBodies } from '#kit/message/markup.ts'
import { firstLine } from '#kit/message/quoting.ts'
import { mayNotAct, readReply } from '#kit/message/reply.ts'
import { readAnswer } from '#kit/message/verbs.ts'

const folder = new URL('../../fixtures/replies/', import.meta.url)
const fixture = (name: string) => readFileSync(new URL(`${name}.eml`, folder))
const verbs = [
  { kind: 'dossier.approve', reply: { word: 'DUYỆT', takes: [], example: 'DUYỆT' } },
  { kind: 'dossier.return', reply: { word: 'TRẢ LẠI', takes: [{ field: 'reason' }], example: 'TRẢ LẠI: <lý do>' } },
  {
    kind: 'dossier.forward',
    reply: {
      word: 'CHUYỂN',
      takes: [{ field: 'to' }, { field: 'due', label: 'HẠN' }],
      example: 'CHUYỂN: <nơi nhận> HẠN <ngày>',
    },
  },
  { kind: 'dossier.propose', reply: { word: 'ĐỀ XUẤT', takes: [{ field: 'text' }], example: 'ĐỀ XUẤT: <kết quả>' } },
  { kind: 'dossier.issue', reply: { word: 'PHÁT HÀNH', also: ['TRẢ KẾT QUẢ'], takes: [], example: 'PHÁT HÀNH' } },
]

const approve = { kind: 'dossier.approve', fields: {} }
const returned = (reason: string) => ({ kind: 'dossier.return', fields: { reason } })

const replies: Record<string, unknown> = {
  'thunderbird-top-flowed': approve,
  'thunderbird-bottom': returned('thiếu chữ ký của Phòng Báo chí - Xuất bản'),
  'thunderbird-english': returned(
    'thiếu bản sao giấy phép hoạt động báo chí, và cần bổ sung ý kiến bằng văn bản của cơ quan chủ quản trước khi trình lại',
  ),
  'thunderbird-html-only': approve,
  'gmail-web': approve,
  'gmail-web-bold': approve,
  'gmail-web-long-reason': returned(
    'thiếu bản sao giấy phép hoạt động báo chí có chứng thực; đề nghị Phòng bổ sung ý kiến của cơ quan chủ quản',
  ),
  'gmail-android': approve,
  'iphone-plain': approve,
  'iphone-signature-first': approve,
  'iphone-html-only': returned('chưa có chữ ký'),
  'ipad-english': approve,
  'apple-mail-mac': approve,
  'nfd-mac': returned('thiếu chữ ký'),
  'outlook-windows-plain': approve,
  'outlook-windows-html': { kind: 'dossier.forward', fields: { to: 'phongbcxb', due: '25/11/2026' } },
  'outlook-web-html': approve,
  'outlook-web-plain': approve,
  'outlook-android': returned('thiếu dấu giáp lai'),
  'outlook-ios-signature-above': undefined,
  'outlook-express-1258': returned('thiếu chữ ký'),
  'samsung-mail': approve,
  'k9-android': approve,
  zimbra: returned('sai thời hạn giấy phép'),
  roundcube: approve,
  'yahoo-web': approve,
  'tcvn3-latin1': approve,
  'tcvn3-no-charset': returned('thiếu chữ ký của phòng'),
  'smime-signed': approve,
  'with-attachment-and-logo': { kind: 'dossier.propose', fields: { text: 'cấp giấy phép số 31/GP-STTTT' } },
}
const machines = ['vacation-outlook', 'vacation-gmail', 'read-receipt', 'mailing-list']

describe('replies of mail programs', () => {
  for (const [name, want] of Object.entries(replies))
    it(name, async () => {
      const reply = await readReply(fixture(name))
      expect(reply).to.include({ mayAct: true, from: 'minh.le@haiduong.gov.vn' })
      expect(reply.asked).to.deep.equal({ register: 'so.stttt@haiduong.gov.vn', seq: 12, n: 1 })
      expect(readAnswer(reply.line, verbs), JSON.stringify(reply.line)).to.deep.equal(want)
    })
  for (const name of machines)
    it(`${name} is never acted upon`, async () => {
      expect((await readReply(fixture(name))).mayAct).to.equal(false)
      expect(mayNotAct(fixture(name))).to.be.a('string')
    })
  it('leaves no fixture unread', () => {
    const names = readdirSync(folder)
      .filter((f) => f.endsWith('.eml'))
      .map((f) => f.slice(0, -4))
    expect(names.sort()).to.deep.equal([...Object.keys(replies), ...machines].sort())
  })
  it('takes attached files, without signatures and logos', async () => {
    expect(
      (await readReply(fixture('with-attachment-and-logo'))).files.map((f) => [f.name, f.type, f.content.length]),
    ).to.deep.equal([['giấy phép.pdf', 'application/pdf', 9]])
    expect((await readReply(fixture('smime-signed'))).files).to.deep.equal([])
  })
})

describe('first line', () => {
  const cases: [what: string, text: string, want: string][] = [
    ['only quotation', '> DUYỆT\n> x', ''],
    ['an attribution, then text without marks', 'Vào 23/11/2026 10:15, A đã viết:\nDUYỆT', ''],
    ['only a signature', '-- \nDUYỆT', ''],
    [
      'an attribution over four lines',
      'DUYET\n\nVào Th 2, 23 thg 11, 2026\nvào lúc 10:15\nSở TT-TT <a@b.vn>\nđã viết:\n> x',
      'DUYET',
    ],
    ['a sentence that begins with Vào', 'Vào ngày mai sẽ duyệt\n', 'Vào ngày mai sẽ duyệt'],
    ['a greeting first', 'Kính gửi Sở,\nDUYỆT', 'Kính gửi Sở,'],
    ['invisible letters', '\u200b\ufeffDUYỆT\u00a0\n', 'DUYỆT'],
    ['Từ: that is no header', 'Từ: nay trở đi\nlàm khác', 'Từ: nay trở đi'],
    ['two short lines are two lines', 'DUYỆT\nxong sớm', 'DUYỆT'],
    ['nothing', '', ''],
    ['ten thousand quoted lines', `${'> x\n'.repeat(10_000)}DUYỆT`, ''],
  ]
  for (const [what, text, want] of cases) it(what, () => expect(firstLine(text)).to.equal(want))
  it('stays quick on long hostile lines', () => {
    const began = performance.now()
    for (const text of [
      'on '.repeat(50_000),
      `${'<'.repeat(100_000)}wrote:`,
      `vào ${'x '.repeat(100_000)}`,
      'a@'.repeat(100_000),
      '1/'.repeat(100_000),
    ]) {
      firstLine(text)
      readAnswer(text, verbs)
    }
    expect(performance.now() - began).to.be.lessThan(10_000)
  })
})

describe('verbs', () => {
  const cases: [line: string, want: unknown][] = [
    ['DUYỆT', approve],
    ['  duyệt. ', approve],
    ['Duyet!', approve],
    ['“DUYỆT”', approve],
    ['TRẢ KẾT QUẢ', { kind: 'dossier.issue', fields: {} }],
    ['TRẢ LẠI: thiếu: chữ ký', returned('thiếu: chữ ký')],
    ['TRẢ  LẠI : x', returned('x')],
    ['TRẢ LẠI', { kind: 'dossier.return', fields: {} }],
    ['CHUYỂN: phongbcxb HẠN 25/11/2026', { kind: 'dossier.forward', fields: { to: 'phongbcxb', due: '25/11/2026' } }],
    ['chuyen: phongbcxb, han: 25/11', { kind: 'dossier.forward', fields: { to: 'phongbcxb', due: '25/11' } }],
    [
      'CHUYỂN: Phòng giới hạn in HẠN 25/11',
      { kind: 'dossier.forward', fields: { to: 'Phòng giới hạn in', due: '25/11' } },
    ],
    ['CHUYỂN: phongbcxb', { kind: 'dossier.forward', fields: { to: 'phongbcxb' } }],
    ['DUYỆT nhưng cần sửa', undefined],
    ['KHÔNG DUYỆT', undefined],
    ['DUYỆT: đồng ý', undefined],
    ['DUYỆT?', undefined],
    ['Tôi duyệt', undefined],
    ['TRẢ', undefined],
    ['', undefined],
    [':', undefined],
  ]
  for (const [line, want] of cases) it(JSON.stringify(line), () => expect(readAnswer(line, verbs)).to.deep.equal(want))
})

describe('letters', () => {
  it('escape everything and say what may be answered', () => {
    const { text, html } = letterBodies({
      agency: 'Sở <b>TT-TT</b>',
      paragraphs: ['Duyệt hồ sơ "<script>alert(1)</script>" & trả.\nDòng hai'],
      facts: [['Hạn', '<img src=x onerror=y>']],
      answers: ['TRẢ LẠI: <lý do>'],
      answerUntil: '30/11/2026',
      link: { href: 'javascript:alert(1)', label: 'Mở' },
      footer: ["O'Neil"],
    })
    expect(html).not.to.match(/<script|<img|javascript:|<lý/)
    expect(html).to.contain('TRẢ LẠI: &lt;lý do&gt;').and.to.contain('trước ngày 30/11/2026')
    expect(text).to.contain('    TRẢ LẠI: <lý do>').and.to.contain('Hạn: ')
  })
})
