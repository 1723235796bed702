/**
 * The clock of the machine is set while the suite runs: a day ahead, a day back, ten years ahead, and back to now. libfaketime moves
 * the wall clock of every process; the monotonic one goes on, as it does when a clock is really set.
 */
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Directory } from '#kit/directory/calls.ts'
import { codeAt, stepOf } from '#mailserver/accounts/totp.ts'
import { password, people } from '#test/journey/staff.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { Talk } from '#test/mailserver/submission/fixture.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'

const [faketime] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
const day = 86_400_000
const decade = 3650 * day
/** the clock ticks that a process may use of a second while nothing happens: a spin takes all of it */
const IDLE_PART = 0.5

describe('a clock that is set while the suite runs', function () {
  this.timeout(120_000)
  let folder: string
  let suite: TestSuite
  let desk: Directory
  let cli: Directory
  /** in IDLE through all of it */
  let waiting: Client
  let offset = 0
  let letters = 0

  before(async function () {
    if (!faketime) {
      console.log('      left out: libfaketime (Debian package faketime) is not there')
      this.skip()
    }
    folder = mkdtempSync(join(tmpdir(), 'clock-'))
    writeFileSync(join(folder, 'offset'), '+0\n')
    suite = await startTestSuite({
      CONGSO_RSPAMD: 'off',
      CONGSO_LOG_LEVEL: 'warn',
      LD_PRELOAD: faketime,
      FAKETIME_TIMESTAMP_FILE: join(folder, 'offset'),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    })
    desk = suite.directory('desk')
    cli = suite.directory('cli')
    waiting = await imap(people.head)
    await waiting.ok('SELECT INBOX')
    waiting.write('idle IDLE\r\n')
    await waiting.until(/^\+ [^\n]*\n/m)
  })
  after(async () => {
    waiting?.destroy()
    await suite?.[Symbol.asyncDispose]()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const now = () => Date.now() + offset
  function setClock(to: number): void {
    offset = to
    writeFileSync(join(folder, 'offset'), `${to < 0 ? '-' : '+'}${Math.abs(to) / 1000}\n`)
  }
  async function imap(address: string, secret = password): Promise<Client> {
    const client = new Client(connect(suite.ports.imap, '127.0.0.1'))
    await client.until('\r\n')
    await client.ok(`LOGIN ${address} "${secret}"`)
    return client
  }
  async function submit(to: string, subject: string, from: string = people.officer): Promise<string> {
    await using talk = await Talk.open(suite.ports.submission)
    expect(await talk.signIn(from, password)).to.match(/^235/)
    const id = `${++letters}@clock`
    return await talk.mail(from, [to], `From: <${from}>\r\nMessage-ID: <${id}>\r\nSubject: ${subject}\r\n\r\nx`)
  }
  async function lmtp(from: string, to: string): Promise<string> {
    await using talk = await Talk.open(suite.ports.lmtp)
    await talk.say('LHLO x')
    const id = `${++letters}@outside`
    return await talk.mail(from, [to], `From: <${from}>\r\nTo: <${to}>\r\nMessage-ID: <${id}>\r\nSubject: x\r\n\r\nx`)
  }
  async function uidValidity(): Promise<number> {
    const c = await imap(people.officer)
    await c.ok('CREATE Thu')
    const [, value] = /UIDVALIDITY (\d+)/.exec(await c.ok('STATUS Thu (UIDVALIDITY)'))!
    await c.ok('DELETE Thu')
    c.destroy()
    return Number(value)
  }
  const rowsTo = async (to: string) => (await cli['queue.list']({ limit: 1000 })).rows.filter((row) => row.to === to)

  const validities: number[] = []
  async function worksNow(): Promise<void> {
    const subject = `thu${letters + 1}`
    expect(await submit(people.head, subject)).to.match(/^250/)
    await waiting.until(/^\* \d+ EXISTS\r\n/m)
    const c = await imap(people.head)
    await c.ok('SELECT INBOX')
    const found = /\* SEARCH (\d+)/.exec(await c.ok(`UID SEARCH SUBJECT ${subject}`))![1]
    const [, date] = /INTERNALDATE "([^"]*)"/.exec(await c.ok(`UID FETCH ${found} INTERNALDATE`))!
    c.destroy()
    expect(Math.abs(Date.parse(date!) - now()), `${date} is now`).to.be.below(60_000)
    validities.push(await uidValidity())
    expect(validities, 'each once, and growing').to.deep.equal([...new Set(validities)].sort((a, b) => a - b))
    await until('every process to be healthy', () => suite.healthy())
    expect(await spinning(), 'processes that spin').to.deep.equal([])
  }
  /** Processes that take more of a second than an idle one does; looked at again, since a jump gives them work. */
  async function spinning(): Promise<string[]> {
    const names = Object.entries(suite.status()).flatMap(([name, state]) =>
      'pid' in state ? [[name, state.pid] as const] : [],
    )
    let busy: string[] = []
    await until('a quiet second', async () => {
      const before = names.map(([, pid]) => ticks(pid))
      const began = performance.now()
      await until('a second', () => performance.now() - began > 1000)
      const most = (IDLE_PART * clockTicks * (performance.now() - began)) / 1000
      busy = names.filter(([, pid], i) => ticks(pid) - before[i]! > most).map(([name]) => name)
      return busy.length === 0
    }).catch(() => undefined)
    return busy
  }

  it('everything works before, after a day ahead, and after a day back', async () => {
    for (const to of [0, day, -day, 0]) {
      setClock(to)
      await worksNow()
    }
  })

  it('ten years ahead and back: nobody is locked out, nothing waits or is forgotten for ten years', async () => {
    // made today
    const filter = 'require "vacation"; vacation :days 7 "Tôi đi vắng.";'
    expect(
      (await desk['filter.put']({ owner: people.leader, by: people.leader, name: 'x', text: filter, activate: true }))
        .faults,
    ).to.deep.equal([])
    const soon = new Date(now() + 2 * day).toISOString()
    const app = await desk['appPassword.add']({
      address: people.officer,
      name: 'x',
      scopes: ['imap'],
      expires: soon,
      proof: { password, ip: '127.0.0.1' },
    })
    await desk['share.set']({
      owner: people.officer,
      folder: 'Archive',
      with: people.head,
      rights: 'lr',
      to: soon,
      by: people.officer,
    })
    const { secret } = await desk['secondFactor.begin']({ address: people.clerk })
    const code = () => codeAt(fromBase32(secret), stepOf(now()))
    await desk['secondFactor.confirm']({ address: people.clerk, code: code(), proof: { password, ip: '127.0.0.1' } })
    expect(await submit('later@vi-du.example', 'trước')).to.match(/^250/)
    const shared = async () => (await (await imap(people.head)).ok('LIST "" "*Archive*"')).includes('an.nguyen')
    await until('the share', shared)

    setClock(decade)
    await worksNow()
    expect(await shared(), 'a right beyond its last day').to.equal(false)
    expect(await imap(people.officer, app.password).catch(() => 'refused')).to.equal('refused')
    await until('the first try', async () => (await rowsTo('later@vi-du.example'))[0]?.attempts.length !== 0)
    expect(
      (await rowsTo('later@vi-du.example')).map((r) => r.state),
      'not given up after a try or two',
    ).to.deep.equal(['waiting'])
    expect(await submit('later@nam-sau.example', 'sau')).to.match(/^250/)
    await until('a try in ten years', async () => (await rowsTo('later@nam-sau.example'))[0]?.attempts.length === 1)
    expect(await lmtp('hai@vi-du.example', people.leader)).to.match(/^250/)
    await until('an answer', async () => (await rowsTo('hai@vi-du.example')).length === 1)
    const half = await desk['auth.signIn']({ address: people.clerk, password, ip: '127.0.0.1', client: 'x' })
    await desk['auth.secondStep']({ token: half.token, code: code(), ip: '127.0.0.1', client: 'x' })
    await desk['account.signOut']({ address: people.head })
    // guesses, until they are slowed; where she is known her own counter counts
    await until('guesses to be slowed', async () => {
      await using talk = await Talk.open(suite.ports.submission)
      return /^454/.test(await talk.signIn(people.leader, 'sai'))
    })

    setClock(0)
    await waiting.untilClosed() // she was signed out everywhere
    waiting = await imap(people.head)
    await waiting.ok('SELECT INBOX')
    waiting.write('idle IDLE\r\n')
    await waiting.until(/^\+ [^\n]*\n/m)
    await worksNow()
    expect(await submit(people.officer, 'mình', people.head), 'signed out in ten years, in again today').to.match(
      /^250/,
    )
    expect(await submit(people.officer, 'mình', people.leader), 'slowed in ten years').to.match(/^250/)
    const again = await desk['auth.signIn']({ address: people.clerk, password, ip: '127.0.0.1', client: 'x' })
    // a code of today that was not used yet
    await until('the next code', async () => {
      const done = desk['auth.secondStep']({ token: again.token, code: code(), ip: '127.0.0.1', client: 'x' })
      return await done.then(() => true)
    })
    expect(await shared()).to.equal(true)
    ;(await imap(people.officer, app.password)).destroy()
    await until('another try today', async () => (await rowsTo('later@nam-sau.example'))[0]!.attempts.length > 1)
    expect(await lmtp('hai@vi-du.example', people.leader)).to.match(/^250/)
    await until('another answer', async () => (await rowsTo('hai@vi-du.example')).length === 2)
    expect((await cli['store.verify']({})).findings).to.deep.equal([])
  })
})

const clockTicks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** utime and stime (proc(5), fields 14 and 15) of a process with all its threads. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function fromBase32(text: string): Uint8Array {
  const bits = [...text].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}
