import { expect } from 'chai'
import { htmlToText } from '#webmail/read/html.ts'
import { blocks, decodeText, linked, quote, unflow } from '#webmail/read/text.ts'

describe('webmail: texts as mail programs write them', () => {
  const charsets: [what: string, octets: Buffer, charset: string | undefined, want: string][] = [
    ['UTF-8', Buffer.from('Hải Dương'), 'utf-8', 'Hải Dương'],
    ['UTF-8 not declared', Buffer.from('Hải Dương'), undefined, 'Hải Dương'],
    ['UTF-8 said to be ASCII', Buffer.from('Hải Dương'), 'us-ascii', 'Hải Dương'],
    ['windows-1258, marks combining', Buffer.from([0x48, 0x61, 0xd2, 0x69]), 'windows-1258', 'Hải'],
    ['windows-1258 not declared', Buffer.from([0x56, 0x69, 0xea, 0xf2, 0x74]), undefined, 'Việt'],
    ['a charset that nobody knows', Buffer.from('Kính gửi'), 'x-vn-fancy', 'Kính gửi'],
    ['decomposed by a Mac', Buffer.from('Hải'.normalize('NFD')), 'utf-8', 'Hải'],
  ]
  for (const [what, octets, charset, want] of charsets)
    it(`reads ${what}`, () => expect(decodeText(octets, charset)).to.equal(want))

  it('shows half a megabyte of a text that never ends', () => {
    expect(decodeText(Buffer.alloc(3_000_000, 'a'), 'utf-8').length).to.equal(512 * 1024)
    expect(decodeText(Buffer.from('ậ'.repeat(400_000)), undefined)).to.match(/^ậ/)
  })

  const flowed: [what: string, given: string, want: string][] = [
    ['joins soft breaks', 'Kính gửi \nđồng chí', 'Kính gửi đồng chí'],
    ['keeps hard breaks', 'một\nhai', 'một\nhai'],
    ['keeps quote depths apart', '> một \nhai', '> một \nhai'],
    ['joins inside a quote', '> một \n> hai', '> một hai'],
    ['takes space-stuffing away', ' >không phải trích', '>không phải trích'],
    ['does not join the signature', 'hết \n-- \nHà', 'hết \n-- \nHà'],
  ]
  for (const [what, given, want] of flowed)
    it(`format=flowed: ${what}`, () => expect(unflow(given, false)).to.equal(want))

  it('folds quotes away from what the writer says', () => {
    expect(blocks('DUYỆT\r\n\r\n> thư trước\r\n> dòng hai\r\n')).to.deep.equal([
      { quoted: false, text: 'DUYỆT\n' },
      { quoted: true, text: '> thư trước\n> dòng hai' },
    ])
  })

  it('makes addresses of the web into links and nothing else', () => {
    expect(linked('xem https://haiduong.gov.vn/a?b=1, rồi javascript:alert(1).')).to.deep.equal([
      { text: 'xem ' },
      { text: 'https://haiduong.gov.vn/a?b=1', href: 'https://haiduong.gov.vn/a?b=1' },
      { text: ', rồi javascript:alert(1).' },
    ])
  })

  it('quotes as Vietnamese programs do', () => {
    expect(quote({ who: 'Hà', when: '12/11/2026 09:26', text: 'một\r\n> hai' })).to.equal(
      '\n\nVào 12/11/2026 09:26, Hà đã viết:\n> một\n>> hai\n',
    )
  })

  it('reads text out of HTML, in time that grows with its length alone', () => {
    expect(htmlToText('<style>p{}</style><p>Kính&nbsp;gửi<br>anh</p><p>&lt;b&gt;</p>')).to.equal('Kính gửi\nanh\n<b>')
    for (const hostile of ['<'.repeat(200_000), '<script'.repeat(20_000), '<br '.repeat(50_000), '<p>'.repeat(300_000)])
      expect(htmlToText(hostile).length).to.be.lessThan(hostile.length + 1)
  })
})
