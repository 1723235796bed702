import { expect } from 'chai'
import { peekHeader } from '#kit/message/header.ts'

describe('a header that is only looked at', () => {
  const wanted = [
    { name: 'A', value: 'b c' },
    { name: 'D', value: 'ế' },
  ]
  for (const [what, end] of [
    ['CRLF', '\r\n\r\n'],
    ['line feeds', '\n\n'],
    ['CRLF and a line feed', '\r\n\n'],
    ['a line feed and CRLF', '\n\r\n'],
    ['nothing', ''],
  ] as const)
    it(`ends at the first empty line, with ${what}`, () => {
      const body = end === '' ? '' : 'E: f\r\n\r\nG: h\r\n'
      expect(peekHeader(Buffer.from(`A: b\r\n c\r\nD: ế${end}${body}`))).to.deep.equal(wanted)
      expect(peekHeader(Buffer.from(`A: b\n c\nD: ế${end}${body}`))).to.deep.equal(wanted)
    })
  it('may be empty, with or without a body', () => {
    for (const raw of ['', '\n', '\n\nA: b', '\r\n\r\nA: b'])
      expect(peekHeader(Buffer.from(raw)), raw).to.deep.equal([])
  })
})
