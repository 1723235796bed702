import { expect } from 'chai'
import { readBody, writeBody } from '#kit/directory/wire.ts'

const there = (input: unknown) => {
  const { pieces, octets } = writeBody(input)
  return readBody(Buffer.concat(pieces), octets)
}

describe('the body of a call of the control API', () => {
  it('is plain JSON without octets', () => {
    const { pieces, octets } = writeBody({ address: 'hà@haiduong.gov.vn', list: [1, null] })
    expect(octets).to.equal(undefined)
    expect(Buffer.concat(pieces).toString()).to.equal('{"address":"hà@haiduong.gov.vn","list":[1,null]}')
    expect(there(undefined)).to.deep.equal({})
  })

  it('brings octets as they are, in their places, empty ones too', () => {
    const input = {
      raw: Buffer.from([0, 255, 13, 10]),
      n: [{ raw: Buffer.alloc(0) }, { raw: Buffer.from('đ') }],
      s: 'x',
    }
    expect(there(input)).to.deep.equal(input)
  })

  const wrong: [what: string, body: string, octets: string][] = [
    ['lengths beyond the body', '{}', '3'],
    ['a negative length', '{}abc', '-3'],
    ['no number', '{}abc', 'abc'],
    ['octets that are not there', '{"raw":{"octets":1}}abc', '3'],
    ['octets before the first', '{"raw":{"octets":-1}}abc', '3'],
    ['JSON cut by a length', '{"raw":1}', '2'],
    ['ten thousand parts', '{}', Array(10_000).fill('0').join(',')],
    ['an endless length', '{}', '9'.repeat(400)],
  ]
  for (const [what, body, octets] of wrong)
    it(`refuses ${what}`, () => expect(() => readBody(Buffer.from(body), octets)).to.throw(SyntaxError))
})
