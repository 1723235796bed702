/** SEARCH, SORT and THREAD made to cost much: what is asked grows, what it costs grows with it and no faster, and others are served. */
import { expect } from 'chai'
import { an, type Client, type Fixture, ha, startFixture } from '#test/mailserver/imap/fixture.ts'
import { beside, type Cost, fair, unitOf } from './beside.ts'

const letters = 3_000
/** of these every fiftieth is large, and says the same over and over: what a search of texts has to look through */
const large = 300_000

const letter = (n: number): string =>
  `From: Ha <ha${n}@ngoai.vn>\r\nTo: ${an}\r\nSubject: ${n % 3 ? 'Cùng một chuyện' : `Re: chuyện ${n}`}\r\nDate: Mon, 23 Nov 2026 08:00:00 +0700\r\nMessage-ID: <${n}@bom>\r\nReferences: ${references(n)}\r\n\r\n${n % 50 ? `Kính gửi số ${n}.` : 'ộ '.repeat(large / 4)}\r\n`

/** Circles, letters that answer themselves, and long lists of the same. */
const references = (n: number): string =>
  [(n + 1) % letters, n, (n * 7) % letters, ...(n % 500 ? [] : Array.from({ length: 10_000 }, (_, i) => i))]
    .map((each) => `<${each}@bom>`)
    .join('\r\n ')

describe('searches that want to explode', function () {
  this.timeout(60_000)
  let f: Fixture
  let c: Client
  let neighbour: Client
  let unit: number
  let plain: Cost
  before(async () => {
    f = await startFixture({ threads: 1, quota: 1024 ** 3 })
    for (let n = 0; n < letters; n += 100)
      await Promise.all(Array.from({ length: 100 }, (_, i) => f.deliver(an, letter(n + i))))
    c = await f.as(an)
    await c.ok('SELECT INBOX')
    neighbour = await f.as(ha)
    unit = await unitOf(neighbour)
    // a sign that no index knows: every text is looked through
    plain = await beside(c, neighbour, 'SEARCH TEXT "?!?"')
  })
  after(() => f?.[Symbol.asyncDispose]())

  const nested = (depth: number, inner: string): string =>
    depth === 0 ? inner : `OR NOT (${nested(depth - 1, inner)}) ${inner}`
  const times = (n: number, what: (i: number) => string): string =>
    Array.from({ length: n }, (_, i) => what(i)).join(' ')
  const literal = (text: string): string => `{${Buffer.byteLength(text)}+}\r\n${text}`

  /** @param keys so many times the plain search that it may cost, with room for ten times that */
  const asked: [what: string, command: string, keys: number, answer: RegExp][] = [
    ['nested OR and NOT', `SEARCH ${nested(7, 'TEXT "?!?"')}`, 15, /^OK/m],
    ['hundreds of texts', `SEARCH ${times(90, (i) => `NOT TEXT "?${i}!"`)}`, 90, /^OK/m],
    ['hundreds of fields', `SEARCH ${times(90, (i) => `NOT HEADER References "?${i}!"`)}`, 90, /^OK/m],
    ['more keys than anybody has', `SEARCH ${times(900, () => 'NOT TEXT "?!?"')}`, 1, /^(NO|BAD)/m],
    ['thousands of OR', `SEARCH ${'OR ALL '.repeat(3_000)}ALL`, 1, /^(NO|BAD)/m],
    ['hundreds of keywords', `SEARCH ${times(240, (i) => `UNKEYWORD k${i}`)}`, 100, /^OK/m],
    [
      'hundreds of sets of ranges',
      `SEARCH ${times(240, (i) => `NOT UID ${times(10, (j) => `${5_000 + 2 * (i + j)}`).replaceAll(' ', ',')}`)}`,
      100,
      /^OK/m,
    ],
    ['one set, thousands of times', `SEARCH ${Array(9_000).fill('1:*').join(',')}`, 10, /^OK/m],
    [
      'a set of every second',
      `SEARCH ${times(letters / 2, (i) => `${2 * i + 1}`).replaceAll(' ', ',')} TEXT "?!?"`,
      1,
      /^OK/m,
    ],
    ['a word of 60,000 letters', `SEARCH TEXT ${literal('a'.repeat(60_000))}`, 10, /^OK/m],
    ['a phrase that is nearly everywhere', `SEARCH TEXT ${literal(`${'ộ '.repeat(8_000)}ọ`)}`, 10, /^OK/m],
    ['a phrase with marks or without', `SEARCH TEXT ${literal(`${'ộ o '.repeat(3_000)}ộ`)}`, 10, /^OK/m],
    [
      'ten phrases with marks',
      `SEARCH ${times(10, (i) => `NOT TEXT ${literal(`${'ộ '.repeat(40)}ọ${i % 10}`)}`)}`,
      100,
      /^OK/m,
    ],
    ['the last three of everything', 'SEARCH RETURN (PARTIAL -1:-3 MIN MAX COUNT) TEXT "?!?"', 1, /^OK/m],
    ['a sort by everything', 'SORT (SUBJECT REVERSE FROM TO DISPLAYFROM CC DATE ARRIVAL SIZE) UTF-8 ALL', 10, /^OK/m],
    ['threads of circles', 'THREAD REFERENCES UTF-8 ALL', 10, /^OK/m],
    ['threads of one subject', 'THREAD ORDEREDSUBJECT UTF-8 ALL', 10, /^OK/m],
  ]
  for (const [what, command, keys, answer] of asked)
    it(what, async () => {
      const cost = await fair({ client: c, neighbour, unit }, command)
      expect(cost.answer).to.match(answer)
      expect(cost.took).to.be.below(10 * keys * Math.max(plain.took, unit))
    })
})
