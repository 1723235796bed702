import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { sniff } from '#portal/form/sniff.ts'
import { mistakes, PlainBrowser } from './support/browser.ts'
import { fixture, testPortal } from './support/portal.ts'

const pdf = readFileSync(fixture('to-khai-ban-tin.pdf'))
const docx = readFileSync(fixture('so-yeu-ly-lich.docx'))

/** A ZIP with one stored, empty entry of each name. */
function zip(names: readonly string[], change: (directory: Buffer, end: Buffer) => void = () => {}): Buffer {
  const locals = names.map((n) => {
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50)
    head.writeUInt16LE(Buffer.byteLength(n), 26)
    return Buffer.concat([head, Buffer.from(n)])
  })
  const directory = Buffer.concat(
    names.map((n) => {
      const head = Buffer.alloc(46)
      head.writeUInt32LE(0x02014b50)
      head.writeUInt16LE(Buffer.byteLength(n), 28)
      return Buffer.concat([head, Buffer.from(n)])
    }),
  )
  const body = Buffer.concat(locals)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(names.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(body.length, 16)
  change(directory, end)
  return Buffer.concat([body, directory, end])
}
const word = ['[Content_Types].xml', 'word/document.xml']

describe('portal: uploads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sniff-'))
  const cases: [what: string, content: Buffer, want: string | RegExp][] = [
    ['a PDF', pdf, 'pdf'],
    ['a PDF after some junk', Buffer.concat([Buffer.alloc(500, 10), pdf]), 'pdf'],
    ['a scan', readFileSync(fixture('quyet-dinh-thanh-lap-scan.jpg')), 'jpg'],
    ['a drawing', readFileSync(fixture('mau-trinh-bay.png')), 'png'],
    ['a Word file', docx, 'docx'],
    ['an empty file', Buffer.alloc(0), /rỗng/],
    ['half a PDF', pdf.subarray(0, pdf.length >> 1), /cắt cụt/],
    ['a program', Buffer.from('MZ\u0090\u0000'), /Không phải PDF/],
    ['a web page', Buffer.from('<html><script>alert(1)</script>'), /Không phải PDF/],
    ['a drawing with scripts', Buffer.from('<svg onload="alert(1)">'), /Không phải PDF/],
    ['an old Word file', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /đời cũ/],
    ['an archive', zip(['a.exe']), /không nhận/],
    ['a Word file with macros', zip([...word, 'word/vbaProject.bin']), /macro/],
    ['a spreadsheet', zip(['[Content_Types].xml', 'xl/workbook.xml']), /không nhận/],
    ['half a Word file', docx.subarray(0, docx.length >> 1), /hỏng/],
    ['a ZIP whose directory is past its end', zip(word, (_d, e) => e.writeUInt32LE(0xffffff, 16)), /hỏng/],
    ['a ZIP that says it has 65,535 entries', zip(word, (_d, e) => e.writeUInt16LE(0xffff, 10)), /hỏng/],
    ['a ZIP with names past its directory', zip(word, (d) => d.writeUInt16LE(0xffff, 28)), /hỏng/],
  ]
  for (const [n, [what, content, want]] of cases.entries())
    it(`${what} is known by its octets`, async () => {
      const path = join(folder, String(n))
      writeFileSync(path, content)
      const found = await sniff(path)
      if (typeof want === 'string') expect(found).to.deep.equal({ kind: want })
      else expect('refused' in found ? found.refused : found.kind).to.match(want)
    })

  it('are refused one by one, next to their paper, and the good ones are kept', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    const page = await browser.upload(
      `${draft}/giay-to`,
      [
        ['tep-toKhai', 'C:\\Users\\An\\Tờ khai.pdf', pdf],
        ['tep-toKhai', 'virus.pdf', Buffer.from('MZ')],
        ['tep-mauTrinhBay', 'mẫu.docx', docx],
        ['tep-khongCo', 'x.pdf', pdf],
      ],
      { di: 'o-lai' },
    )
    expect(page.status).to.equal(422)
    expect(mistakes(page)['tep-toKhai']).to.match(/virus\.pdf.*Không phải PDF/)
    expect(mistakes(page)['tep-mauTrinhBay']).to.match(/mẫu\.docx.*Word.*nhận PDF, ảnh JPG, ảnh PNG/)
    expect(page.text).to.include('>Tờ khai.pdf</a>').and.not.include('x.pdf')
    const folders = readdirSync(`${portal.data}/portal/uploads`)
    expect(folders.flatMap((f) => readdirSync(`${portal.data}/portal/uploads/${f}`))).to.have.length(1)
  })

  it('get the ending of what they are, and a name that cannot leave its folder', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    const page = await browser.upload(
      `${draft}/giay-to`,
      [
        ['tep-toKhai', '../../etc/passwd', pdf],
        ['tep-toKhai', 'gpj.\u202efdp.exe', Buffer.concat([pdf, Buffer.from('\n')])],
      ],
      { di: 'o-lai' },
    )
    expect(page.text).to.include('>passwd.pdf</a>').and.include('.exe.pdf</a>').and.not.include('\u202e')
  })

  it('that are too large are refused while they arrive, with nothing left behind', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    const page = await browser.upload(`${draft}/giay-to`, [['tep-toKhai', 'to.pdf', Buffer.alloc(15_000_001, 'x')]])
    expect(page.status).to.equal(422)
    expect(page.text).to.include('lớn hơn 15 MB')
    expect(readdirSync(`${portal.data}/portal/uploads/taking`)).to.deep.equal([])
  })

  it('are bounded for the whole application', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    const big = (n: number): Buffer =>
      Buffer.concat([Buffer.from(`%PDF-1.4 ${n}\n`), Buffer.alloc(13_000_000, 10), Buffer.from('%%EOF')])
    for (const n of [1, 2])
      await browser.upload(`${draft}/giay-to`, [['tep-toKhai', `${n}.pdf`, big(n)]], { di: 'o-lai' })
    const page = await browser.upload(`${draft}/giay-to`, [['tep-toKhai', '3.pdf', big(3)]], { di: 'o-lai' })
    expect(mistakes(page)['tep-toKhai']).to.match(/cả hồ sơ nhiều nhất 40 tệp, 36 MB/)
    expect(page.text).to.include('>2.pdf</a>').and.not.include('>3.pdf</a>')
  })

  it('can be taken back, by the one who has the draft only', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    const page = await browser.upload(`${draft}/giay-to`, [['tep-toKhai', 'a.pdf', pdf]], { di: 'o-lai' })
    const id = /bo-tep\/([\w-]+)/.exec(page.text)![1]!
    const other = await browser.begin()
    await browser.post(`${other}/bo-tep/${id}`, {})
    expect((await browser.open(`${other}/tep/${id}`)).status).to.equal(404)
    const mine = await browser.open(`${draft}/tep/${id}`)
    expect(mine.status).to.equal(200)
    expect(mine.headers.get('content-security-policy')).to.include('sandbox')
    expect(mine.headers.get('content-disposition')).to.match(/^attachment/)
    expect((await browser.post(`${draft}/bo-tep/${id}`, {})).text).to.not.include('>a.pdf</a>')
  })

  it('that are broken off or not a form at all leave nothing', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    const page = await browser.open(`${draft}/giay-to`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\nContent-Disposition: form-data; name="tep-toKhai"; filename="a.pdf"\r\n\r\n%PDF-',
    })
    expect(page.status).to.equal(400)
    expect(readdirSync(`${portal.data}/portal/uploads/taking`)).to.deep.equal([])
  })
})
