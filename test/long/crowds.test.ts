/**
 * 5,000 connections to each listener at once, from many addresses and then from one: each is served or is told in the protocol's own words
 * that there is no place, none is left without a word, and afterwards everybody is served. IMAP, signed in: connections.test.ts.
 */
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { descriptorLimit } from '#mailserver/sessions/descriptors.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { becomeKnown } from './fuzz/letters.ts'
import { groundOf } from './fuzz/run.ts'
import { bystanderNetwork } from './fuzz/target.ts'
import { targets } from './fuzz/targets.ts'
import { Watch } from './fuzz/watch.ts'
import { Wire } from './fuzz/wire.ts'
import { openAt } from './slow/connections.ts'

const wanted = 5_000
/** connecting at once, fewer than a queue of the system for those that have yet to be accepted holds */
const together = 100

type Crowd = { port: string; says?: string; served: RegExp; refused: RegExp; fuzzed: string }
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
const crowds: readonly Crowd[] = [
  { port: 'imap', fuzzed: 'IMAP', served: /^\* OK/, refused: /^\* BYE \[UNAVAILABLE\]/ },
  { port: 'pop3', fuzzed: 'POP3', served: /^\+OK/, refused: /^-ERR \[SYS\/TEMP\]/ },
  { port: 'sieve', fuzzed: 'ManageSieve', served: /^"IMPLEMENTATION"/, refused: /^BYE \(TRYLATER\)/ },
  { port: 'submission', fuzzed: 'submission', served: /^220/, refused: /^421 4\.3\.2/ },
  { port: 'lmtp', fuzzed: 'LMTP', served: /^220/, refused: /^421 4\.3\.2/ },
  { port: 'smtp', fuzzed: 'edge', served: /^220/, refused: /^421 4\.3\.2/ },
  { port: 'portal', fuzzed: 'portal', says: get('/healthz'), served: /^HTTP\/1\.1 200/, refused: /^HTTP\/1\.1 503/ },
  { port: 'desk', fuzzed: 'desk', says: get('/healthz'), served: /^HTTP\/1\.1 200/, refused: /^HTTP\/1\.1 503/ },
]

describe(`${wanted} connections to each listener`, function () {
  this.timeout(300_000)
  let suite: TestSuite
  before(async function () {
    const limit = descriptorLimit()
    if (limit !== undefined && limit < wanted + 1_000) {
      console.log(`      left out: this process may have ${limit} descriptors`)
      this.skip()
    }
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off', CONGSO_LOG_LEVEL: 'warn', CONGSO_METRICS: 'on' })
    await becomeKnown(groundOf(suite))
  })
  after(() => suite?.[Symbol.asyncDispose]())

  const sources: [what: string, from: (n: number) => string][] = [
    ['many addresses', (n) => `127.${30 + (n % 200)}.${Math.floor(n / 200)}.1`],
    ['one address', () => '127.99.0.1'],
  ]
  for (const { port, says, served, refused, fuzzed } of crowds)
    for (const [what, from] of sources)
      it(`${port}, from ${what}`, async () => {
        const at = (suite.ports as { [name: string]: number })[port]!
        const watch = new Watch(suite)
        const before = readdirSync('/proc/self/fd').length
        const open: Socket[] = []
        const first = (n: number): Promise<string> =>
          new Promise((resolve) => {
            const socket = connect({ port: at, host: '127.0.0.1', localAddress: from(n) })
            open.push(socket)
            let heard = ''
            socket.on('error', () => undefined)
            socket.on('data', (chunk) => {
              heard += chunk
              if (served.test(heard) || refused.test(heard)) resolve(heard)
            })
            socket.once('close', () => resolve(heard))
            if (says !== undefined) socket.write(says)
          })
        const heard: string[] = []
        try {
          for (let n = 0; n < wanted; n += together)
            heard.push(...(await Promise.all(Array.from({ length: together }, (_, i) => first(n + i)))))
          const count = (text: RegExp) => heard.filter((each) => text.test(each)).length
          console.log(`      ${count(served)} served, ${count(refused)} told that there is no place`)
          const silent = heard.filter((each) => !served.test(each) && !refused.test(each))
          expect(silent.slice(0, 3), `${silent.length} heard something else`).to.deep.equal([])
          expect(count(served)).to.be.above(0)
          expect(watch.look()).to.deep.equal([])
          // whoever comes from elsewhere still finds a place, where addresses are told apart
          if (what === 'one address' && says === undefined && port !== 'lmtp') {
            const other = new Wire(connect({ port: at, host: '127.0.0.1', localAddress: '127.98.0.1' }))
            await until('another to be greeted', () => other.heard !== '')
            expect(other.heard).to.match(served)
            other.destroy()
          }
        } finally {
          for (const socket of open) socket.destroy()
        }
        await until('places to be given back', () => openAt(at) === 0)
        await until('descriptors to be given back', () => readdirSync('/proc/self/fd').length - before < 50)
        const target = targets.find(({ name }) => name === fuzzed)!
        await target.serve(groundOf(suite), () => Wire.open({ port: at, from: bystanderNetwork }, { secured: false }))
        expect(watch.look()).to.deep.equal([])
      })
})
