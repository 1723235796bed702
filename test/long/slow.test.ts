/**
 * Hundreds of slow readers and as many slow writers on all listeners at once: the others are served meanwhile, memory stays below its
 * ceilings, and each of the slow ones is ended by a time-out. Time-outs are a tenth of what they are (CONGSO_PATIENCE).
 */
import { expect } from 'chai'
import { people } from '#test/journey/staff.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { soon } from '#test/until.ts'
import { becomeKnown } from './fuzz/letters.ts'
import { groundOf } from './fuzz/run.ts'
import { bystanderNetwork } from './fuzz/target.ts'
import { targets } from './fuzz/targets.ts'
import { Watch } from './fuzz/watch.ts'
import { Gone, Wire } from './fuzz/wire.ts'
import { addressOf, readers, type Slow, writers } from './slow/clients.ts'
import { openAt } from './slow/connections.ts'

const all = [...readers, ...writers]
/** entering at once; each may have to sign in */
const together = 10
const dripMs = 700
/** longer than any time-out at a tenth (30 minutes idle), with looks in between */
const patient = 8 * 60_000

describe(`${readers.reduce((n, { count }) => n + count, 0)} slow readers and ${writers.reduce((n, { count }) => n + count, 0)} slow writers`, function () {
  this.timeout(2 * patient)
  let suite: TestSuite
  before(async () => {
    suite = await startTestSuite({
      CONGSO_RSPAMD: 'off',
      CONGSO_LOG_LEVEL: 'warn',
      CONGSO_METRICS: 'on',
      CONGSO_PATIENCE: '10',
    })
    await becomeKnown(groundOf(suite))
  })
  after(() => suite?.[Symbol.asyncDispose]())

  it('keep nobody else from being served, and are ended', async () => {
    const ground = groundOf(suite)
    const ports: { [name: string]: number } = suite.ports
    const watch = new Watch(suite)
    const wires: { slow: Slow; wire: Wire }[] = []
    const refused = new Map<string, number>()
    const enter = async (slow: Slow, n: number) => {
      const wire = await Wire.open(
        { port: ports[slow.port]!, from: addressOf(slow, n) },
        { secured: slow.secured ?? false },
      )
      try {
        await slow.enter(wire, ground, n)
        wires.push({ slow, wire })
      } catch (err) {
        if (!(err instanceof Gone)) throw err
        refused.set(`${slow.what}: ${err.message}`.slice(0, 200), (refused.get(slow.what) ?? 0) + 1)
        wire.destroy()
      }
    }
    const one = all.flatMap((slow) => Array.from({ length: slow.count }, (_, n) => () => enter(slow, n)))
    for (let at = 0; at < one.length; at += together) await Promise.all(one.slice(at, at + together).map((go) => go()))
    const entered = new Set(wires.map(({ slow }) => slow.what))
    expect(
      all.map(({ what }) => what).filter((what) => !entered.has(what)),
      JSON.stringify([...refused]),
    ).to.deep.equal([])

    const drip = setInterval(() => {
      for (const { slow, wire } of wires) if (slow.drip !== undefined) wire.sendRaw(Buffer.from(slow.drip, 'latin1'))
    }, dripMs)
    const began = performance.now()
    const ended = new Map<string, number>()
    try {
      for (;;) {
        for (const target of targets)
          await target
            .serve({ ...ground, bystander: people.head }, () =>
              Wire.open({ ...target.at(ground), from: bystanderNetwork }, { secured: target.secured ?? false }),
            )
            .catch((err: Error) => expect.fail(`${target.name}: ${err.message}; ${watch.look().join('\n')}`))
        expect(watch.look()).to.deep.equal([])
        const left = [...new Set(all.map(({ port }) => port))].flatMap((port) => {
          const open = openAt(ports[port]!)
          if (open === 0 && !ended.has(port)) ended.set(port, Math.round((performance.now() - began) / 1000))
          return open > 0 ? [`${open} at ${port}`] : []
        })
        if (left.length === 0) break
        expect(performance.now() - began, left.join(', ')).to.be.below(patient)
        await soon()
      }
    } finally {
      clearInterval(drip)
      for (const { wire } of wires) wire.destroy()
      console.log(
        `      of ${wires.length}; refused ${JSON.stringify([...refused])}; memory ${JSON.stringify(watch.memory())}`,
      )
      console.log(`      all ended, in seconds: ${JSON.stringify([...ended])}`)
    }
  })
})
