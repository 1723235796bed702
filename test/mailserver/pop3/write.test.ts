import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { top, transmitted } from '#mailserver/pop3/write/message.ts'

const sent = (pieces: Iterable<Uint8Array>) => Buffer.concat([...transmitted(pieces)]).toString('latin1')

/** The same octets in pieces cut at every place that the numbers name. */
function* cut(octets: Buffer, lengths: readonly number[]): Generator<Uint8Array> {
  let at = 0
  for (let i = 0; at < octets.length; i++) {
    const length = 1 + (lengths[i % lengths.length]! % 7)
    yield octets.subarray(at, at + length)
    at += length
  }
}

describe('POP3: a message as it is sent', () => {
  for (const [what, octets, expected] of [
    ['nothing', '', '.\r\n'],
    ['one line', 'a\r\n', 'a\r\n.\r\n'],
    ['no end of the last line', 'a', 'a\r\n.\r\n'],
    ['a CR at the end', 'a\r', 'a\r\r\n.\r\n'],
    ['line feeds alone', 'a\nb\n\nc', 'a\r\nb\r\n\r\nc\r\n.\r\n'],
    ['dots', '.\r\n..\r\na.\r\n.b', '..\r\n...\r\na.\r\n..b\r\n.\r\n'],
    ['a dot behind a line feed alone', 'a\n.\nb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['CRs in lines', 'a\rb\r\r\n', 'a\rb\r\r\n.\r\n'],
  ] as const)
    it(`${what}, however it is cut`, () => {
      const all = Buffer.from(octets, 'latin1')
      expect(sent([all])).to.equal(expected)
      for (const lengths of [[0], [1], [2], [0, 3], [2, 0, 1]]) expect(sent(cut(all, lengths))).to.equal(expected)
    })

  it('is the same for random octets by another way of counting', () => {
    for (let round = 0; round < 300; round++) {
      const dice = createHash('sha512').update(`${round}`).digest()
      const octets = Buffer.from([...dice].map((n) => ['\r', '\n', '.', 'a'][n % 4]!).join(''), 'latin1')
      const lines = octets.toString('latin1').split(/\r\n|\n/)
      if (lines.at(-1) === '') lines.pop()
      const expected = `${lines.map((line) => `${line.startsWith('.') ? '.' : ''}${line}\r\n`).join('')}.\r\n`
      expect(sent(cut(octets, [...dice])), `round ${round}`).to.equal(expected)
    }
  })

  for (const [lines, expected] of [
    [0, 'A: 1\r\nB: 2\r\n\r\n'],
    [1, 'A: 1\r\nB: 2\r\n\r\nx\r\n'],
    [2, 'A: 1\r\nB: 2\r\n\r\nx\r\n\r\n'],
    [99, 'A: 1\r\nB: 2\r\n\r\nx\r\n\r\nz'],
  ] as const)
    it(`TOP with ${lines} lines, with CRLF and LF, however it is cut`, () => {
      for (const ends of ['\r\n', '\n']) {
        const octets = Buffer.from(['A: 1', 'B: 2', '', 'x', '', 'z'].join(ends))
        for (const lengths of [[9], [0], [1], [2, 0], [3, 1, 0]]) {
          const taken = Buffer.concat([...top(cut(octets, lengths), lines)]).toString()
          expect(taken).to.equal(expected.replaceAll('\r\n', ends))
        }
      }
    })

  it('TOP of a header that never ends reads it all', () => {
    expect(Buffer.concat([...top([Buffer.from('A: 1\r\nB: 2')], 5)]).toString()).to.equal('A: 1\r\nB: 2')
  })
})
