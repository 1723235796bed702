/** A short run, with one seed, of what `npm run test:long` does for longer: input made by chance to every listener in every state. */
import { expect } from 'chai'
import { becomeKnown } from '#test/long/fuzz/letters.ts'
import { fuzz, groundOf } from '#test/long/fuzz/run.ts'
import { targets } from '#test/long/fuzz/targets.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'

const seed = 'congso'
const seconds = 3

describe(`${seconds} seconds of chance for every listener (seed ${seed})`, function () {
  this.timeout(120_000)
  let suite: TestSuite
  before(async () => {
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off', CONGSO_METRICS: 'on', CONGSO_LOG_LEVEL: 'warn' })
    await becomeKnown(groundOf(suite))
  })
  after(() => suite?.[Symbol.asyncDispose]())

  for (const target of targets)
    it(target.name, async () => {
      await fuzz(suite, target, { seed, seconds })
    })

  it('leaves the store sound', async () => {
    expect((await suite.directory()['store.verify']({})).findings).to.deep.equal([])
  })
})
