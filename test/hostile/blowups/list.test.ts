/** LIST and STATUS over as many folders as an account may have, with patterns that want to explode. */
import { expect } from 'chai'
import { maxMailboxes } from '#mailserver/imap/limits.ts'
import { an, type Client, type Fixture, ha, startFixture } from '#test/mailserver/imap/fixture.ts'
import { beside, type Cost, fair, unitOf } from './beside.ts'

/** INBOX and those that every account has count too. */
const folders = maxMailboxes - 20
const deep = Array.from({ length: 15 }, () => 'a').join('/')
const nameOf = (n: number): string =>
  n % 50 === 0 ? `${deep}/${n}${'a'.repeat(300)}` : `${'a'.repeat(1 + (n % 30))}/${'aaa '.repeat(n % 9)}${n}`

describe('folders and patterns that want to explode', function () {
  this.timeout(60_000)
  let f: Fixture
  let c: Client
  let neighbour: Client
  let unit: number
  let plain: Cost
  before(async function () {
    this.timeout(300_000)
    f = await startFixture({ threads: 1 })
    for (let n = 0; n < folders; n += 500)
      await Promise.all(
        Array.from({ length: Math.min(500, folders - n) }, (_, i) =>
          f.store.write('createMailbox', { account: f.id(an), path: nameOf(n + i) }),
        ),
      )
    c = await f.as(an)
    neighbour = await f.as(ha)
    unit = await unitOf(neighbour)
    plain = await beside(c, neighbour, 'LIST "" "*"')
    expect(plain.answer.match(/^\* LIST/gm)!.length).to.be.at.least(folders)
  })
  after(() => f?.[Symbol.asyncDispose]())

  const asked: [what: string, command: string, times: number, answer: RegExp][] = [
    ['stars between letters', `LIST "" "${'*a'.repeat(6)}*b"`, 2, /^OK/m],
    ['stars and letters without end', `LIST "" "${'*a'.repeat(490)}*b"`, 10, /^OK/m],
    ['stars on end', `LIST "" "${'*'.repeat(990)}b"`, 2, /^OK/m],
    ['percents and stars', `LIST "" "${'%*'.repeat(490)}%b"`, 2, /^OK/m],
    ['percents alone', `LIST "" "${'%'.repeat(990)}b"`, 20, /^OK/m],
    ['percents and letters', `LIST "" "${'%a%/'.repeat(15)}${'%a'.repeat(450)}"`, 20, /^OK/m],
    ['a percent for each level', `LIST "" "${'%/'.repeat(15)}%"`, 2, /^OK/m],
    ['fifty patterns', `LIST "" (${Array(50).fill('"*a*a*a*a*b"').join(' ')})`, 50, /^OK/m],
    [
      'fifty long patterns',
      `LIST "" (${Array(50)
        .fill(`"${'*a'.repeat(490)}*b"`)
        .join(' ')})`,
      1,
      /^BAD/m,
    ],
    ['a pattern longer than names', `LIST "" "${'*a'.repeat(900)}"`, 1, /^BAD/m],
    ['a long reference', `LIST "${'a/'.repeat(400)}" "*"`, 2, /^OK/m],
    ['LSUB', `LSUB "" "${'*a%'.repeat(300)}b"`, 10, /^OK/m],
    ['what is subscribed below', `LIST (SUBSCRIBED RECURSIVEMATCH) "" "${'*a'.repeat(6)}*"`, 4, /^OK/m],
    [
      'STATUS of all of them',
      'LIST "" "*" RETURN (STATUS (MESSAGES UNSEEN UIDNEXT SIZE DELETED HIGHESTMODSEQ MAILBOXID) MYRIGHTS SPECIAL-USE CHILDREN)',
      40,
      /^OK/m,
    ],
    [
      'entries of all of them',
      `LIST "" "*" RETURN (METADATA (${Array.from({ length: 60 }, (_, i) => `/private/vendor/x/${i}`).join(' ')}))`,
      200,
      /^OK/m,
    ],
  ]
  for (const [what, command, times, answer] of asked)
    it(what, async () => {
      const cost = await fair({ client: c, neighbour, unit }, command)
      expect(cost.answer).to.match(answer)
      expect(cost.took).to.be.below(10 * times * Math.max(plain.took, unit))
    })

  it('STATUS of each, one after the other, in one write', async () => {
    const cost = await fair(
      { client: c, neighbour, unit },
      ...Array.from({ length: 2_000 }, (_, n) => `STATUS "${nameOf(n)}" (MESSAGES)`),
    )
    expect(cost.answer.match(/^OK/gm)).to.have.length(2_000)
  })
})
