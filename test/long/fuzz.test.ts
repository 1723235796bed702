/**
 * Random and grammar-made input to every listener in every state of its protocol.
 *
 * CONGSO_FUZZ_SEED: the seed of an earlier run. CONGSO_FUZZ_SECONDS: for each listener (60). CONGSO_FUZZ_ONLY: part of a listener's name.
 */
import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { becomeKnown } from './fuzz/letters.ts'
import { fuzz, groundOf } from './fuzz/run.ts'
import { targets } from './fuzz/targets.ts'

/** More than an hour for each listener is another kind of test. */
const longest = 3_600
const seed = process.env['CONGSO_FUZZ_SEED'] ?? String(randomInt(2 ** 31))
const seconds = Math.min(Number(process.env['CONGSO_FUZZ_SECONDS'] ?? 60), longest)
const only = process.env['CONGSO_FUZZ_ONLY'] ?? ''

describe(`fuzzing every listener, ${seconds} s each (seed ${seed})`, () => {
  let suite: TestSuite
  before(async () => {
    console.log(`seed ${seed}`)
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off', CONGSO_METRICS: 'on', CONGSO_LOG_LEVEL: 'warn' })
    await becomeKnown(groundOf(suite))
  })
  after(() => suite?.[Symbol.asyncDispose]())

  for (const target of targets.filter(({ name }) => name.includes(only)))
    it(target.name, async function () {
      this.timeout((seconds + 120) * 1000)
      const entered = await fuzz(suite, target, { seed, seconds })
      console.log([...entered].map(([state, times]) => `      ${times} × ${state}`).join('\n'))
    })

  it('left the store sound', async () => {
    expect((await suite.directory()['store.verify']({})).findings).to.deep.equal([])
  })
})
