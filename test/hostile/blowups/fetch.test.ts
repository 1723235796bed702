/** FETCH of thousands of sections of one message that has thousands of parts. */
import { expect } from 'chai'
import { an, type Client, type Fixture, ha, startFixture } from '#test/mailserver/imap/fixture.ts'
import { beside, type Cost, fair, unitOf } from './beside.ts'

/** one fewer than are looked at: the whole is one too */
const parts = 9_999
/** as many as one list may have */
const most = 500
const message = `From: a@ngoai.vn\r\nSubject: Nhiều phần\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${Array.from(
  { length: parts },
  (_, n) => `--b\r\nContent-Type: text/plain; name="${n}.txt"\r\nX-N: ${n}\r\n\r\n${n} ${'x'.repeat(40)}\r\n`,
).join('')}--b--\r\n`

describe('sections that want to explode', function () {
  this.timeout(60_000)
  let f: Fixture
  let c: Client
  let neighbour: Client
  let unit: number
  let plain: Cost
  before(async () => {
    f = await startFixture({ threads: 1 })
    await f.deliver(an, message)
    c = await f.as(an)
    await c.ok('SELECT INBOX')
    neighbour = await f.as(ha)
    unit = await unitOf(neighbour)
    plain = await beside(c, neighbour, 'FETCH 1 (BODYSTRUCTURE BODY.PEEK[])')
  })
  after(() => f?.[Symbol.asyncDispose]())

  const sections = (n: number, what: (i: number) => string, from = 0): string =>
    `FETCH 1 (${Array.from({ length: n }, (_, i) => what(from + i)).join(' ')})`
  const asked: [what: string, commands: string[], times: number, answer: RegExp][] = [
    [
      'each part, in twenty commands',
      Array.from({ length: Math.ceil(parts / most) }, (_, k) => sections(most, (i) => `BODY.PEEK[${i + 1}]`, k * most)),
      40,
      /^OK/m,
    ],
    ['heads of parts', [sections(most, (i) => `BODY.PEEK[${parts - i}.MIME]`)], 10, /^OK/m],
    ['parts that are not there', [sections(most, (i) => `BODY.PEEK[${parts + 1 + i}]`)], 10, /^(OK|NO)/m],
    [
      'parts of parts of parts',
      [sections(most, (i) => `BODY.PEEK[${'1.'.repeat(1 + (i % 90))}1]`)],
      10,
      /^(OK|NO|BAD)/m,
    ],
    ['decoded parts and their sizes', [sections(most, (i) => `BINARY.SIZE[${i + 1}]`)], 10, /^OK/m],
    [
      'fields that are not there',
      [sections(most, (i) => `BODY.PEEK[${i + 1}.HEADER.FIELDS (X-${i})]`)],
      10,
      /^(OK|NO|BAD)/m,
    ],
    ['an octet of each place', [sections(most, (i) => `BODY.PEEK[]<${i * 1_000}.1>`)], 10, /^OK/m],
    ['all of it, a hundred times', [sections(100, (i) => `BODY.PEEK[]<${i}.9999999>`)], 1, /^NO \[LIMIT\]/m],
    ['more than a list may have', [sections(parts, (i) => `BODY.PEEK[${i + 1}]`)], 1, /^BAD/m],
    ['structure, over and over', Array.from({ length: 50 }, () => 'FETCH 1 (BODYSTRUCTURE)'), 100, /^OK/m],
  ]
  for (const [what, commands, times, answer] of asked)
    it(what, async () => {
      const cost = await fair({ client: c, neighbour, unit }, ...commands)
      expect(cost.answer).to.match(answer)
      expect(cost.took).to.be.below(10 * times * Math.max(plain.took, unit))
    })

  it('answers each part once', async () => {
    const { answer } = await beside(
      c,
      neighbour,
      sections(most, (i) => `BODY.PEEK[${i + 1}]`, parts - most),
    )
    for (const n of [parts - most, parts - 1])
      expect(answer).to.contain(`BODY[${n + 1}] {${String(n).length + 41}}\r\n${n} xxx`)
  })
})
