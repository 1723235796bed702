import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { extract } from '#mailserver/filetext/extract.ts'
import { docx, zip } from './zips.ts'

const fixtures = new URL('../../fixtures/search/', import.meta.url)
const file = (name: string) => readFileSync(new URL(name, fixtures))
const read = (name: string, octets: Buffer = file(name)) => extract({ octets, name })
/** what every fixture says (fixtures/search/make.py), in whatever encoding */
const sentence =
  'Kính gửi Uỷ ban nhân dân tỉnh Hải Dương: đề nghị cấp giấy phép xây dựng nhà xưởng tại thửa đất số 1287.'

describe('filetext: text of files', () => {
  const unicode =
    'unicode.txt unicode.docx unicode.doc unicode.odt unicode.rtf unicode.pdf unicode-bang.xlsx unicode-bang.xls unicode-bang.ods unicode-chieu.pptx unicode-chieu.odp unicode-ppt.zip'
  const tcvn3 = 'tcvn3.txt tcvn3.docx tcvn3.doc tcvn3.odt tcvn3.rtf tcvn3-bang.xls tcvn3-chieu.pptx tcvn3-ppt.zip'
  const vni = 'vni.txt vni.docx vni.doc vni.odt vni.rtf'
  for (const [encoding, names] of [
    ['Unicode', unicode],
    ['TCVN3', tcvn3],
    ['VNI', vni],
  ] as const)
    for (const name of names.split(' '))
      it(`${encoding}: ${name}`, async () => {
        const { state, text } = await read(name)
        expect(state).to.equal('read')
        expect(text.replaceAll('\n', ' ')).to.include(sentence)
      })

  it('numbers of tables', async () => {
    for (const name of ['unicode-bang.xlsx', 'unicode-bang.xls', 'unicode-bang.ods'])
      expect((await read(name)).text).to.include('1250000')
  })

  it('zip in zip, with the names of its files', async () => {
    const { state, text } = await read('files.zip')
    expect(state).to.equal('read')
    expect(text).to.include('Đơn xin cấp phép.docx')
    expect(text.split(sentence)).to.have.length(3)
  })

  it('html with entities and a declared charset, and text in UTF-16', async () => {
    const html =
      '<html><meta charset="windows-1258"><style>p{}</style><p>Gi&#7845;y ph&eacute;p <b>x</b>ây d\u1ef1ng</html>'
    const octets = Buffer.from(html.replace('\u1ef1', '&#7921;').replace('â', '\xe2'), 'latin1')
    expect((await read('a.html', octets)).text).to.equal('Giấy phép xây dựng')
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('công văn hoả tốc', 'utf16le')])
    expect((await read('a.txt', utf16)).text).to.equal('công văn hoả tốc')
  })

  it('docx: fields, deletions and phonetics are not text; styles tell the font; runs cut words', async () => {
    const w = 'xmlns:w="x"'
    const styles = `<w:styles ${w}><w:style w:styleId="Cu"><w:rPr><w:rFonts w:ascii=".VnTimeH"/></w:rPr></w:style><w:style w:styleId="Con"><w:basedOn w:val="Cu"/></w:style></w:styles>`
    const document =
      `<w:document ${w}><w:p><w:r><w:t>Quy</w:t></w:r><w:r><w:t>ết đ</w:t></w:r><w:r><w:t>ịnh</w:t></w:r><w:r><w:instrText>HYPERLINK</w:instrText></w:r><w:del><w:r><w:delText>thừa</w:delText></w:r></w:del></w:p>` +
      `<w:p><w:pPr><w:pStyle w:val="Con"/></w:pPr><w:r><w:t>C«ng v¨n ph</w:t></w:r><w:r><w:softHyphen/><w:t>\u00acng</w:t></w:r></w:p></w:document>`
    const { text } = await read('a.docx', docx(document, [{ name: 'word/styles.xml', data: Buffer.from(styles) }]))
    expect(text).to.equal('Quyết định\nCông văn phương')
  })

  it('says what it cannot read, and why', async () => {
    const cases: [name: string, octets: Buffer, state: string][] = [
      ['a.png', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), 'none'],
      ['a.docx', Buffer.from('PK\x03\x04 and no directory at all'), 'broken'],
      ['a.doc', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600, 7)]), 'broken'],
      ['a.pdf', Buffer.from('%PDF-1.7\nnothing of the kind'), 'broken'],
      ['a.bin', Buffer.alloc(0), 'none'],
      ['odd.zip', zip([{ name: 'x.txt', data: Buffer.from('x'), method: 99 }]), 'broken'],
    ]
    for (const [name, octets, state] of cases) expect((await read(name, octets)).state, name).to.equal(state)
  })

  it('a document with a password', async () => {
    const doc = file('unicode.doc')
    const at = doc.indexOf(Buffer.from('eca5', 'hex'))
    doc.writeUInt16LE(doc.readUInt16LE(at + 0x0a) | 0x0100, at + 0x0a)
    expect((await read('a.doc', doc)).state).to.equal('locked')
  })

  it('one broken entry does not hide the others', async () => {
    const octets = zip([
      { name: 'hong.docx', data: Buffer.from('PK\x03\x04 and then no directory at all') },
      { name: 'tot.txt', data: Buffer.from('nội dung tốt') },
    ])
    const { state, text } = await read('a.zip', octets)
    expect(state).to.equal('broken')
    expect(text).to.include('nội dung tốt')
  })
})
