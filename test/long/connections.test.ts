/** 5,000 connections to IMAP, on loopback: 2,000 are served, every other is told why not and costs nothing, and those inside go on. */
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { maxConnections } from '#mailserver/sessions/limits.ts'
import { an, type Client, type Fixture, mail, password, startFixture } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'

const wanted = 5_000
/** fewer than may be strangers at once */
const together = 200
/** of a test process that is client and server: two descriptors for a served connection */
const descriptors = () => readdirSync('/proc/self/fd').length

describe(`${wanted} connections`, () => {
  let f: Fixture
  before(async () => {
    f = await startFixture({ threads: 2 })
    await f.deliver(an, mail('Thư'))
  })
  after(() => f[Symbol.asyncDispose]())

  it(`serves ${maxConnections}, says BYE to the rest, and forgets them`, async function () {
    this.timeout(600_000)
    const [before, rss] = [descriptors(), process.memoryUsage().rss]
    const inside: Client[] = []
    let refused = 0
    for (let n = 0; n < wanted; n += together)
      await Promise.all(
        Array.from({ length: together }, async () => {
          const client = await f.connect() // its greeting is read
          const answer = await client.command(`LOGIN ${an} "${password}"`).catch(() => 'BYE')
          if (answer.startsWith('OK')) inside.push(client)
          else {
            refused++
            client.destroy()
          }
        }),
      )
    expect(inside.length).to.equal(maxConnections)
    expect(refused).to.equal(wanted - maxConnections)
    await until('the refused to be closed', () => descriptors() - before < 2 * maxConnections + 200)
    const each = (process.memoryUsage().rss - rss) / maxConnections / 1024
    console.log(`      ${descriptors() - before} descriptors, ${each.toFixed(0)} KB for both ends of a connection`)
    expect(each).to.be.below(300)
    const refusedNow = await f.connect().then((client) => client.untilClosed())
    expect(refusedNow).to.equal('') // BYE was its greeting
    for (const client of [inside[0]!, inside.at(-1)!, inside[1_000]!])
      expect(await client.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 1')
    for (const client of inside) client.destroy()
    await until('all places to be free', () => f.imap.connections() === 0)
    const again = await f.as(an)
    await again.ok('NOOP')
    await until('descriptors to be given back', () => descriptors() - before < 50)
  })
})
