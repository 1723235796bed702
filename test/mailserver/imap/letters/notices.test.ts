/** The rules that explain differences from Dovecot explain no others: a wrong answer stays a wrong answer, also in a letter that has reasons. */
import { expect } from 'chai'
import type { Answers } from './beside.ts'
import { explain } from './explained.ts'
import { written } from './forms.ts'

const letter = (name: string) => written.find((one) => one.name === name)!
const answers = (...all: [string, unknown][]): Answers => new Map(all) as Answers
const leaf = (change: Record<number, unknown> = {}) => {
  const part: unknown[] = [
    '=text',
    '=plain',
    ['=charset', '=utf-8'],
    null,
    null,
    '=7bit',
    '10',
    '1',
    null,
    null,
    null,
    null,
  ]
  for (const [at, value] of Object.entries(change)) part[Number(at)] = value
  return part
}
const envelope = (change: Record<number, unknown> = {}) => {
  const all: unknown[] = ['=date', '=subject', ...Array(6).fill([['=A', null, '=a', '=b']]), '=<x@y>', '=<z@w>']
  for (const [at, value] of Object.entries(change)) all[Number(at)] = value
  return all
}

const wrong: [what: string, form: string, item: string, ours: unknown, theirs: unknown][] = [
  ['a size', 'parameters: odd', 'BODYSTRUCTURE', leaf(), leaf({ 6: '12' })],
  ['a number of lines', 'rfc822: header only', 'BODYSTRUCTURE', leaf(), leaf({ 7: '2' })],
  ['a subtype', 'type: capitals', 'BODYSTRUCTURE', leaf(), leaf({ 1: '=html' })],
  ['an encoding', 'encoding: comment', 'BODYSTRUCTURE', leaf({ 5: '=base64' }), leaf()],
  ['a charset', 'RFC 2231: continued', 'BODYSTRUCTURE', leaf(), leaf({ 2: ['=charset', '=us-ascii'] })],
  [
    'a file name',
    'RFC 2231: continued',
    'BODYSTRUCTURE',
    leaf({ 2: ['=name', '=a b'] }),
    leaf({ 2: ['=name', '=a c'] }),
  ],
  [
    'a disposition',
    'disposition: odd',
    'BODYSTRUCTURE',
    leaf({ 9: ['=inline', null] }),
    leaf({ 9: ['=attachment', null] }),
  ],
  ['one part more', 'Gmail: alternative', 'BODYSTRUCTURE', [leaf(), leaf(), '=mixed'], [leaf(), '=mixed']],
  ['a subject', 'addresses: twice', 'ENVELOPE', envelope({ 1: '=three' }), envelope({ 1: '=two' })],
  ['an id', 'date and ids: odd', 'ENVELOPE', envelope({ 9: '=<1@a>' }), envelope({ 9: '=<2@a>' })],
  ['an address', 'addresses: broken', 'ENVELOPE', envelope(), envelope({ 2: [['=A', null, '=a', '=c']] })],
  [
    'one address more',
    'addresses: groups',
    'ENVELOPE',
    envelope(),
    envelope({
      5: [
        ['=A', null, '=a', '=b'],
        [null, null, '=c', '=d'],
      ],
    }),
  ],
  ['octets of the letter', 'boundary: outer ends inner', 'BODY.PEEK[]', '=a', '=b'],
  ['octets of a part', 'Gmail: alternative', 'BODY.PEEK[1]', '=a', '=b'],
  ['a part that is there', 'Gmail: alternative', 'BODY.PEEK[1]', null, '='],
  ['a line end', 'Gmail: alternative', 'BODY.PEEK[1]', '=a', '=a\r\n'],
  [
    'a header',
    'header: no colon',
    'BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]',
    '=Subject: x\r\n\r\n',
    '=Subject: y\r\n\r\n',
  ],
]

describe('IMAP: what explains a difference from Dovecot', () => {
  for (const [what, form, item, ours, theirs] of wrong)
    it(`does not explain ${what}`, () => {
      const found = explain({ letter: letter(form), ours: answers([item, ours]), theirs: answers([item, theirs]) })
      expect(found.unexplained.map((d) => d.item)).to.deep.equal([item])
    })

  it('does not explain octets of a part of which both say the same, in a letter that they divide differently', () => {
    const undivided = { name: 'no boundary', raw: Buffer.from('Content-Type: multipart/mixed\r\n\r\nx') }
    const both = (ours: unknown, theirs: unknown) =>
      explain({
        letter: undivided,
        ours: answers(['BODYSTRUCTURE', leaf({ 6: ours })], ['BODY.PEEK[1]', '=a']),
        theirs: answers(['BODYSTRUCTURE', [leaf({ 6: theirs }), '=mixed']], ['BODY.PEEK[1]', '=b']),
      }).unexplained.map((d) => d.item)
    expect(both('1', '1')).to.deep.equal(['BODY.PEEK[1]'])
    expect(both('9', '1')).to.deep.equal([])
  })
})
