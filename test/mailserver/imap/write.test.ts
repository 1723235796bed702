import { expect } from 'chai'
import { decoder } from '#mailserver/imap/write/decode.ts'
import { findPart, pickFields, spanOf } from '#mailserver/imap/write/sections.ts'
import { imapString } from '#mailserver/imap/write/text.ts'
import { matches } from '#mailserver/imap/write/tree.ts'
import type { MimePart } from '#mailserver/mime/part.ts'

describe('IMAP: LIST patterns', () => {
  const cases: [pattern: string, name: string, want: boolean][] = [
    ['*', 'a/b/c', true],
    ['%', 'a', true],
    ['%', 'a/b', false],
    ['a/%', 'a/b', true],
    ['a/%', 'a/b/c', false],
    ['a*c', 'a/b/c', true],
    ['%/%', 'a/b', true],
    ['inbox', 'INBOX', true],
    ['INBOX', 'INBOX/x', false],
    ['', 'a', false],
    ['Đã*', 'Đã gửi', true],
  ]
  for (const [pattern, name, want] of cases)
    it(`${pattern} ${want ? 'takes' : 'leaves'} ${name}`, () => expect(matches(pattern, name)).to.equal(want))
  it('costs pattern × name at most', () => {
    const started = performance.now()
    expect(matches(`${'*a%'.repeat(300)}b`, 'a'.repeat(500))).to.equal(false)
    expect(performance.now() - started).to.be.below(5_000) // every way to match: for ever
  })
})

describe('IMAP: header fields and decoding', () => {
  const header = Buffer.from('Subject: a\r\n b\r\nX: 1\r\nsubject : c\r\nbroken line\r\n\tfolded\r\nTo: x\r\n\r\n')
  it('keeps octets and folding', () =>
    expect(pickFields(header, ['subject'], true).toString()).to.equal('Subject: a\r\n b\r\nsubject : c\r\n\r\n'))
  it('takes all others', () =>
    expect(pickFields(header, ['subject', 'x'], false).toString()).to.equal('broken line\r\n\tfolded\r\nTo: x\r\n\r\n'))

  const inPieces = function* (octets: Buffer, size: number) {
    for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
  }
  const text = Buffer.from('Kính gửi: Sở TT&TT = một\r\nhai\tba \r\n'.repeat(20))
  it('base64 in pieces of any size', () => {
    const encoded = Buffer.from(text.toString('base64').replaceAll(/(.{76})/g, '$1\r\n'))
    for (let size = 1; size < 90; size++)
      expect(Buffer.concat([...decoder('base64')!(inPieces(encoded, size))]).equals(text), `${size}`).to.equal(true)
  })
  it('quoted-printable in pieces of any size', () => {
    const encoded = Buffer.from('K=C3=ADnh =\r\ng=E1=BB=ADi=20 \t \r\n=3D=zz=  \r\nend=')
    for (let size = 1; size < 50; size++)
      expect(Buffer.concat([...decoder('quoted-printable')!(inPieces(encoded, size))]).toString(), `${size}`).to.equal(
        'Kính gửi \r\n==zzend',
      )
  })
  it('an encoding that does not exist', () => expect(decoder('x-uuencode')).to.equal(undefined))
})

describe('IMAP: strings of answers', () => {
  it('quoted where possible', () => {
    expect(imapString('a"b\\c')).to.equal('"a\\"b\\\\c"')
    expect(imapString('Thư')).to.equal('{4}\r\nThư')
    expect(imapString('a\r\nb')).to.equal('{4}\r\na\r\nb')
  })
})

describe('IMAP: sections', () => {
  const part = (number: string, type: string, at: number, children: MimePart[] = []): MimePart => ({
    number,
    type,
    parameters: {},
    encoding: '7bit',
    headerStart: at,
    headerEnd: at + 10,
    bodyStart: at + 10,
    bodyEnd: at + 100,
    lines: 1,
    children,
  })
  const inner = part('', 'multipart/mixed', 500, [part('2.1', 'text/plain', 600), part('2.2', 'text/html', 700)])
  const root = part('', 'multipart/mixed', 0, [
    part('1', 'text/plain', 200),
    part('2', 'message/rfc822', 400, [inner]),
    part('3', 'message/rfc822', 800, [part('', 'text/plain', 900)]),
  ])
  const cases: [number: string, start: number | undefined][] = [
    ['1', 210],
    ['1.1', undefined],
    ['2', 410],
    ['2.1', 610],
    ['2.2', 710],
    ['2.3', undefined],
    ['3.1', 910],
    ['3.2', undefined],
    ['4', undefined],
  ]
  for (const [number, start] of cases)
    it(`part ${number}`, () => expect(findPart(root, number)?.bodyStart).to.equal(start))
  it('the one part of a simple message', () => {
    const simple = part('', 'text/plain', 0)
    expect(findPart(simple, '1')?.bodyStart).to.equal(10)
    expect(findPart(simple, '2')).to.equal(undefined)
    expect(findPart(simple, '1.1')).to.equal(undefined)
  })
  it('HEADER and TEXT of a nested message; of a plain part they are empty', () => {
    expect(spanOf(root, { part: '2', text: 'header', fields: [] })).to.deep.equal({ from: 500, to: 510 })
    expect(spanOf(root, { part: '2', text: 'text', fields: [] })).to.deep.equal({ from: 510, to: 600 })
    expect(spanOf(root, { part: '1', text: 'header', fields: [] })).to.deep.equal({ from: 0, to: 0 })
    expect(spanOf(root, { part: '2', text: 'mime', fields: [] })).to.deep.equal({ from: 400, to: 410 })
  })
})
