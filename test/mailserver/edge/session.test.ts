import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings, paths } from '#config/settings.ts'
import { type Edge, startEdge } from '#mailserver/edge/start.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { freeBase, Sender } from '#test/mailserver/edge/support/smtp.ts'
import { until } from '#test/until.ts'

const to = 'ha.tran@haiduong.gov.vn'
const plain = `From: An <an@example.com>\r\nTo: ${to}\r\nSubject: thu\r\nMessage-ID: <m1@example.com>\r\n\r\nXin chao\r\n`

describe('edge: sessions that do as they please', function () {
  this.timeout(60_000)
  let data: string
  let control: Awaited<ReturnType<typeof startControl>>
  let edge: Edge
  const spooled = () => readdirSync(join(paths(data).edge, 'spool'))
  const handed = () => control.state.handed

  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'congso-edge-'))
    control = await startControl(data)
    const given = { data, portBase: String(await freeBase([25])), rspamd: 'off', maxMessageMb: '4' }
    edge = await startEdge({ settings: loadSettings(given, {}).settings })
  })
  afterEach(async () => {
    await edge[Symbol.asyncDispose]()
    await control[Symbol.asyncDispose]()
    rmSync(data, { recursive: true, force: true })
  })

  const smuggled = `MAIL FROM:<evil@example.com>\r\nRCPT TO:<${to}>\r\nDATA\r\nSubject: smuggled\r\n\r\ny\r\n.\r\n`
  for (const end of ['\n.\n', '\n.\r\n', '\r\n.\n', '\n\n.\r\n'])
    it(`a line feed by itself ends the session, and nothing is taken: ${JSON.stringify(end)}`, async () => {
      using s = new Sender(edge.port)
      await s.untilData(to)
      s.write(`${plain}x${end}${smuggled}`)
      expect(await s.reply()).to.match(/^550 5\.5\.2 /)
      expect(await s.reply()).to.equal('closed')
      expect(handed()).to.have.length(0)
    })
  for (const end of ['\r.\r', '\r.\r\n', '\r\n\0.\r\n', '\r\n.\r\r\n'])
    it(`is content of one letter: ${JSON.stringify(end)}`, async () => {
      using s = new Sender(edge.port)
      await s.untilData(to)
      s.write(`${plain}x${end}${smuggled}`)
      expect(await s.reply()).to.match(/^250 2\.0\.0 /)
      expect(handed().map((h) => h.from)).to.deep.equal(['sender@example.com'])
      expect(Buffer.from(handed()[0]!.raw).toString()).to.contain('evil@example.com')
    })

  it('commands behind a letter are not run before it was answered', async () => {
    using s = new Sender(edge.port)
    await s.untilData(to)
    s.write(`${plain}.\r\n${smuggled}`)
    expect(await s.reply()).to.match(/^250 2\.0\.0 /)
    // each line of what came too early, that of its letter included
    for (const line of smuggled.split('\r\n').slice(0, -1)) expect(await s.reply(), line).to.match(/^503 5\.5\.1 /)
    expect(handed()).to.have.length(1)
    expect(await s.say('NOOP')).to.match(/^250/) // and the session goes on
  })

  it('programs that send QUIT with the letter hear both answers', async () => {
    using s = new Sender(edge.port)
    await s.untilData(to)
    s.write(`${plain}.\r\nQUIT\r\n`)
    expect(await s.reply()).to.match(/^250 2\.0\.0 /)
    expect(await s.reply()).to.match(/^221 /)
    expect(await s.reply()).to.equal('closed')
  })

  it('a group of pipelined commands is answered in order (RFC 2920)', async () => {
    using s = new Sender(edge.port)
    await s.reply()
    await s.say('EHLO a.example.com')
    s.write(`MAIL FROM:<a@example.com>\r\nRCPT TO:<${to}>\r\nRCPT TO:<@>\r\nDATA\r\n`)
    for (const code of ['250', '250', '501', '354']) expect(await s.reply()).to.match(new RegExp(`^${code}`))
    s.write(`${plain}.\r\n`)
    expect(await s.reply()).to.match(/^250/)
  })

  it('a second letter of a session has a reference of its own', async () => {
    using s = new Sender(edge.port)
    await s.reply()
    await s.say('EHLO a.example.com')
    const refs = new Set<string>()
    for (let n = 1; n <= 3; n++) {
      await s.say('MAIL FROM:<a@example.com>')
      await s.say(`RCPT TO:<${to}>`)
      refs.add(/\((.*)\)/.exec(await s.data(plain))![1]!)
    }
    expect([...refs].map((ref) => ref.split('.')[1])).to.deep.equal(['1', '2', '3'])
    const [, , third] = handed().map((h) => /\tid ([^;]+);/.exec(Buffer.from(h.raw).toString())![1])
    expect(refs.has(third!)).to.equal(true)
  })

  it('large letters go through a file, which is gone afterwards, also when the client is', async () => {
    const large = `${plain}${'y'.repeat(998)}\r\n`.repeat(1)
    const body = `${large}${`${'z'.repeat(998)}\r\n`.repeat(2_000)}`
    expect((await Sender.send(edge.port, { to: [to], message: body })).at(-1)).to.match(/^250/)
    expect(Buffer.from(handed()[0]!.raw).toString().endsWith(body)).to.equal(true)
    await until('no file', () => spooled().length === 0)
    using s = new Sender(edge.port)
    await s.untilData(to)
    s.write(body)
    await until('a file', () => spooled().length === 1)
    s[Symbol.dispose]()
    await until('no file', () => spooled().length === 0)
    expect(handed()).to.have.length(1)
  })

  it('a client that goes with the last octet of a large letter leaves all of it or nothing', async () => {
    const body = `${plain}${`${'z'.repeat(998)}\r\n`.repeat(2_500)}`
    for (let round = 0; round < 20; round++) {
      using s = new Sender(edge.port)
      await s.untilData(to)
      await s.write(`${body}.\r\n`)
    }
    await until('no file', () => spooled().length === 0)
    for (const { raw } of handed()) expect(Buffer.from(raw).toString().endsWith(body)).to.equal(true)
  })

  it('a letter that grew too large is refused at its end; a sender that does not stop is not listened to', async () => {
    const lines = `${'z'.repeat(998)}\r\n`
    using large = new Sender(edge.port)
    await large.untilData(to)
    large.write(`${lines.repeat(5_000)}.\r\n`)
    expect(await large.reply()).to.match(/^552 5\.3\.4/)
    expect(await large.say('NOOP')).to.match(/^250/)
    using endless = new Sender(edge.port)
    await endless.untilData(to)
    endless.write(lines.repeat(9_000))
    expect(await endless.reply()).to.match(/^552 5\.3\.4/)
    expect(await endless.reply()).to.equal('closed')
    expect(handed()).to.have.length(0)
  })

  it('a session is cut off after ten commands that there are not', async () => {
    using s = new Sender(edge.port)
    await s.reply()
    const replies: string[] = []
    for (const line of [
      'XCLIENT ADDR=1.2.3.4',
      'XFORWARD ADDR=1.2.3.4',
      'AUTH PLAIN AGEAYg==',
      'WIZ x',
      'EXPN a',
      'GET',
      ...'12345',
    ])
      replies.push(await s.say(line))
    expect(
      replies.slice(0, 9).every((r) => /^500 5\.5\.2/.test(r)),
      replies.join(),
    ).to.equal(true)
    expect(replies[9]).to.match(/^421/)
    expect(replies[10]).to.equal('closed')
  })

  it('who has spoken before the greeting is sent away (RFC 5321 §4.3.1)', async () => {
    using s = new Sender(edge.port)
    s.write(`EHLO a.example.com\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<${to}>\r\nDATA\r\n`)
    expect(await s.reply()).to.match(/^421 /)
    expect(await s.reply()).to.equal('closed')
    expect(control.state.asked).to.have.length(0)
  })

  it('a session is cut off after a hundred refusals', async () => {
    control.state.verdict = () => 'unknown'
    using s = new Sender(edge.port)
    await s.reply()
    await s.say('EHLO a.example.com')
    await s.say('MAIL FROM:<a@example.com>')
    for (let n = 0; n < 100; n++) expect(await s.say(`RCPT TO:<x${n}@haiduong.gov.vn>`)).to.match(/^550 5\.1\.1/)
    expect(await s.say('RCPT TO:<x@haiduong.gov.vn>')).to.match(/^421 4\.7\.0/)
    expect(await s.reply()).to.equal('closed')
  })

  it('commands out of their order, and with arguments that they do not have', async () => {
    using s = new Sender(edge.port)
    await s.reply()
    const talk: [string, RegExp][] = [
      ['MAIL FROM:<a@example.com>', /^503 5\.5\.1/],
      ['EHLO', /^501/],
      ['EHLO a\rX: y', /^501/],
      ['EHLO a.example.com', /^250/],
      ['DATA', /^503 5\.5\.1/],
      ['MAIL FROM:<a;dkim=pass@example.com>', /^501 5\.1\.7/],
      ['MAIL FROM:<a@example.com> BODY=BINARYMIME', /^501/],
      ['MAIL FROM:<a@example.com> SIZE=x', /^501/],
      ['MAIL FROM:<a@example.com> SIZE=5 SIZE=6', /^501/],
      ['MAIL FROM:a@example.com SIZE=5', /^250 2\.1\.0/],
      ['MAIL FROM:<a@example.com>', /^503/],
      ['DATA', /^503 5\.5\.1/],
      [`RCPT TO:<${to}>`, /^250 2\.1\.5/],
      ['DATA now', /^501/],
      ['RSET', /^250 2\.0\.0/],
      ['DATA', /^503/],
      ['VRFY an', /^252 2\./],
      ['POST / HTTP/1.1', /^421/],
    ]
    for (const [line, want] of talk) expect(await s.say(line), line).to.match(want)
  })

  it('ends: who is idle is told so, and a letter that is being committed is answered', async () => {
    const gate = Promise.withResolvers<void>()
    control.state.gate = gate.promise
    using idle = new Sender(edge.port)
    await idle.reply()
    using busy = new Sender(edge.port)
    await busy.untilData(to)
    busy.write(`${plain}.\r\n`)
    await until('the hand-over', () => handed().length === 1)
    const ended = edge[Symbol.asyncDispose]()
    expect(await idle.reply()).to.match(/^421 4\.3\.2/)
    gate.resolve()
    expect(await busy.reply()).to.match(/^250 2\.0\.0/)
    await ended
  })
})
