/** 5,000 connections to IMAP at once, on loopback: all are served, and all is given back. */
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { descriptorLimit, placesFor } from '#mailserver/sessions/descriptors.ts'
import { an, type Client, type Fixture, mail, password, startFixture } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'

const wanted = 5_000
/** fewer than may be strangers at once */
const together = 200
/** of a test process that is client and server: two descriptors for a served connection */
const descriptors = () => readdirSync('/proc/self/fd').length

describe(`${wanted} connections`, () => {
  let f: Fixture
  before(async function () {
    const limit = descriptorLimit()
    if (limit !== undefined && (placesFor(limit) < wanted || limit < 2 * wanted + 1_000)) {
      console.log(`      left out: this process may have ${limit} descriptors`)
      this.skip()
    }
    f = await startFixture({ threads: 2 })
    await f.deliver(an, mail('Thư'))
  })
  after(() => f?.[Symbol.asyncDispose]())

  it('are served, cost little, and are forgotten', async function () {
    this.timeout(600_000)
    const [before, rss] = [descriptors(), process.memoryUsage().rss]
    const inside: Client[] = []
    for (let n = 0; n < wanted; n += together)
      await Promise.all(
        Array.from({ length: together }, async () => {
          const client = await f.connect() // its greeting is read
          await client.ok(`LOGIN ${an} "${password}"`)
          inside.push(client)
        }),
      )
    expect(f.imap.connections()).to.equal(wanted)
    const each = (process.memoryUsage().rss - rss) / wanted / 1024
    console.log(`      ${descriptors() - before} descriptors, ${each.toFixed(0)} KB for both ends of a connection`)
    expect(each).to.be.below(300)
    for (const client of [inside[0]!, inside.at(-1)!, inside[1_000]!])
      expect(await client.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 1')
    for (const client of inside) client.destroy()
    await until('all places to be free', () => f.imap.connections() === 0)
    const again = await f.as(an)
    await again.ok('NOOP')
    await until('descriptors to be given back', () => descriptors() - before < 50)
  })
})
