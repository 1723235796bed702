import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings } from '#config/settings.ts'
import { handoverId } from '#mailserver/edge/policy/accept.ts'
import { type Edge, startEdge } from '#mailserver/edge/start.ts'
import { sample } from '#test/kit/message/support/samples.ts'
import { makeKey, seal } from '#test/kit/message/support/sealing.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { freeBase, Sender } from '#test/mailserver/edge/support/smtp.ts'
import { until } from '#test/until.ts'

const plain =
  'From: An <an@example.com>\r\nTo: ha.tran@haiduong.gov.vn\r\nSubject: thu\r\nMessage-ID: <m1@example.com>\r\n\r\nXin chao\r\n'
const to = ['ha.tran@haiduong.gov.vn']

describe('edge', () => {
  let data: string
  let control: Awaited<ReturnType<typeof startControl>>
  let edge: Edge
  const last = (replies: string[]) => replies.at(-1)!

  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'congso-edge-'))
    control = await startControl(data)
    const portBase = await freeBase([25])
    const { settings } = loadSettings({ data, portBase: String(portBase), rspamd: 'off' }, {})
    edge = await startEdge({ settings })
  })
  after(async () => {
    await edge[Symbol.asyncDispose]()
    await control[Symbol.asyncDispose]()
    rmSync(data, { recursive: true, force: true })
  })
  beforeEach(() => {
    control.state.handed.length = 0
    control.state.asked.length = 0
    control.state.broken = false
    control.state.verdict = () => 'ok'
    control.state.result = () => ({ code: 250, message: '2.1.5 Delivered' })
  })

  it('hands mail over and answers 250 with a reference; says that it was not scanned', async () => {
    const replies = await Sender.send(edge.port, { to, message: plain })
    expect(last(replies)).to.match(/^250 2\.0\.0 Taken \([0-9A-F-]+\.1/)
    const [handed] = control.state.handed
    expect(handed).to.include({ from: 'sender@example.com', spam: false, helo: 'client.example.com', ip: '127.0.0.1' })
    const raw = Buffer.from(handed!.raw).toString()
    expect(raw).to.match(/^X-Spam-Status: not scanned\r\nReceived: /)
    expect(raw.endsWith(plain)).to.equal(true)
    expect(control.state.asked[0]).to.deep.equal({ address: to[0], size: plain.length })
    expect(edge.notScanned).to.contain('CONGSO_RSPAMD')
  })

  it('a size that is none is not passed on: the recipient is decided without it', async () => {
    for (const size of ['-1', '1e3', '99999999999999999999', 'x', '']) {
      using s = new Sender(edge.port)
      await s.reply()
      await s.say('EHLO x')
      await s.say(`MAIL FROM:<a@example.com> SIZE=${size}`)
      expect(await s.say(`RCPT TO:<${to[0]}>`), size).to.match(/^(250|5)/)
    }
    for (const asked of control.state.asked) expect(asked.size ?? 0).to.be.at.least(0)
  })

  it('keeps octets: long lines, dots, 8 bit, no line end', async () => {
    const body = `.\r\n..x\r\n${'y'.repeat(20_000)}\r\n\xe9\xff\r\n`
    await Sender.send(edge.port, { to, message: Buffer.from(plain + body, 'latin1') })
    expect(
      Buffer.from(control.state.handed[0]!.raw)
        .toString('latin1')
        .endsWith(plain + body),
    ).to.equal(true)
  })

  it('keeps octets of the header that are no UTF-8: a signature may be over them', async () => {
    const message = Buffer.from(plain.replace('Subject: thu', 'Subject: th\xff\xe9'), 'latin1')
    await Sender.send(edge.port, { to, message })
    expect(Buffer.from(control.state.handed[0]!.raw).subarray(-message.length).equals(message)).to.equal(true)
  })

  it('has one hand-over id for a repeat, whatever was added on the way', async () => {
    await Sender.send(edge.port, { to, message: plain })
    await Sender.send(edge.port, { to, message: plain })
    const [one, two] = control.state.handed
    expect(one!.raw).not.to.equal(two!.raw)
    expect(one!.id).to.equal(two!.id)
    expect(handoverId({ from: 'other@example.com', raw: Buffer.from(plain) })).not.to.equal(one!.id)
    expect(handoverId({ from: 'sender@example.com', raw: Buffer.from(plain) })).to.equal(one!.id)
  })

  it('takes no letter for a repeat that only has the same words', () => {
    const id = (header: string) =>
      handoverId({ from: 'may.quet@example.com', raw: Buffer.from(`${header}\r\nXem tep.\r\n`) })
    const date = 'Date: Mon, 23 Nov 2026 08:00:00 +0700\r\n'
    expect(id(`${date}Subject: a\r\n`)).to.equal(id(`Received: x\r\n${date}Subject: a\r\n`))
    expect(id(`${date}Subject: a\r\n`)).to.not.equal(id(`${date}Subject: b\r\n`))
    expect(id(`${date}Subject: a\r\n`)).to.not.equal(id(`${date.replace('23', '24')}Subject: a\r\n`))
    expect(id('Subject: a\r\n'), 'nothing says which one it is').to.not.equal(id('Subject: a\r\n'))
  })

  const verdicts = {
    unknown: /^550 5\.1\.1/,
    'over-quota': /^552 5\.2\.2/,
    disabled: /^550 5\.2\.1/,
    'not-ours': /^550 5\.7\.1/,
    'internal-only': /^550 5\.7\.1/,
  } as const
  for (const [verdict, reply] of Object.entries(verdicts))
    it(`refuses a recipient that is ${verdict}, and takes the others`, async () => {
      control.state.verdict = (address) => (address.startsWith('x@') ? (verdict as keyof typeof verdicts) : 'ok')
      const replies = await Sender.send(edge.port, { to: ['x@haiduong.gov.vn', ...to], message: plain })
      expect(replies[3]).to.match(reply)
      expect(last(replies)).to.match(/^250/)
      expect(control.state.handed[0]!.to).to.deep.equal(to)
    })

  it('takes a bounce and one address spelled twice', async () => {
    await Sender.send(edge.port, { from: '', to: ['Ha.Tran@haiduong.gov.vn', ...to], message: plain })
    expect(control.state.handed[0]!.from).to.equal('')
    expect(control.state.handed[0]!.to).to.have.length(1)
  })

  it('answers 450 while the mail server cannot be asked, at RCPT and at the end', async () => {
    control.state.broken = true
    expect(last(await Sender.send(edge.port, { to, message: plain }))).to.match(/^450 4\.3\.0/)
    control.state.broken = false
    using s = new Sender(edge.port)
    await s.reply()
    await s.say('EHLO a.example.com')
    await s.say('MAIL FROM:<a@example.com>')
    await s.say(`RCPT TO:<${to[0]}>`)
    control.state.broken = true
    expect(await s.data(plain)).to.match(/^450 4\.3\.0/)
    expect(control.state.handed).to.have.length(0)
  })

  it('answers for all: refused when all are, later when they differ or one must wait', async () => {
    control.state.result = () => ({ code: 552, message: '5.2.2 Larger than the mailbox allows' })
    expect(last(await Sender.send(edge.port, { to, message: plain }))).to.match(/^552 5\.2\.2 Larger/)
    control.state.result = (a) =>
      a.startsWith('x') ? { code: 552, message: '5.2.2 no' } : { code: 250, message: 'ok' }
    expect(last(await Sender.send(edge.port, { to: [...to, 'x@haiduong.gov.vn'], message: plain }))).to.match(/^450/)
    control.state.result = () => ({ code: 452, message: '4.2.2 full' })
    expect(last(await Sender.send(edge.port, { to, message: plain }))).to.match(/^452 4\.2\.2 full/)
  })

  it('drops verdicts and delivery lines that the sender wrote', async () => {
    await Sender.send(edge.port, {
      to,
      message: `X-Spam-Status: No, score=-9\r\nReturn-Path: <>\r\nX-CongSo-Origin: ok\r\nAuthentication-Results: mail.haiduong.gov.vn; dkim=pass\r\n${plain}`,
    })
    const raw = Buffer.from(control.state.handed[0]!.raw).toString()
    expect(raw.match(/X-Spam-Status/g)).to.have.length(1)
    expect(raw).not.to.match(/Return-Path|X-CongSo-Origin|^Authentication-Results/m)
    expect(raw).to.contain('Original-Authentication-Results: mail.haiduong.gov.vn; dkim=pass\r\n')
  })

  describe('mail that claims one of our domains', () => {
    const forged = plain.replace('an@example.com', 'minh.le@haiduong.gov.vn')
    it('is refused without our seal, under a subdomain and among other addresses too', async () => {
      for (const message of [
        forged,
        forged.replace('@haiduong', '@so.haiduong'),
        plain.replace('<an@example.com>', '<an@example.com>, minh.le@haiduong.gov.vn'),
      ])
        expect(last(await Sender.send(edge.port, { to, message }))).to.match(/^550 5\.7\.1 From is one of our domains/)
      expect(control.state.handed).to.have.length(0)
    })
    it('is taken with it, and goes to Junk when it no longer holds', async () => {
      const key = makeKey()
      control.state.keys = [key.key]
      const sealed = await seal(await sample(), key, { signTime: new Date() })
      await Sender.send(edge.port, { to, message: sealed })
      expect(control.state.handed[0]!.spam).to.equal(false)
      await Sender.send(edge.port, { to, message: Buffer.concat([sealed, Buffer.from('-- \r\nfooter of a list\r\n')]) })
      expect(control.state.handed[1]!.spam).to.equal(true)
      expect(Buffer.from(control.state.handed[1]!.raw).toString()).to.contain('X-CongSo-Origin: seal does not hold')
    })
  })

  it('offers STARTTLS, SIZE, 8BITMIME, SMTPUTF8, and takes an address in Vietnamese', async () => {
    using s = new Sender(edge.port)
    await s.reply()
    const ehlo = await s.say('EHLO a.example.com')
    for (const word of [
      'STARTTLS',
      `SIZE ${50 * 1024 * 1024}`,
      '8BITMIME',
      'SMTPUTF8',
      'PIPELINING',
      'ENHANCEDSTATUSCODES',
    ])
      expect(ehlo).to.contain(word)
    await s.say('MAIL FROM:<a@example.com> SMTPUTF8')
    expect(await s.say(`RCPT TO:<${Buffer.from('hà.trần').toString('latin1')}@haiduong.gov.vn>`)).to.match(/^[25]/)
    expect(ehlo).not.to.match(/AUTH|XCLIENT|XFORWARD|DSN|CHUNKING/)
  })

  const hostile: [what: string, lines: string[], reply: RegExp][] = [
    ['a message larger than is allowed', ['MAIL FROM:<a@example.com> SIZE=99999999999'], /^55\d|^552/],
    ['a recipient that is no address', ['MAIL FROM:<a@example.com>', 'RCPT TO:<@>'], /^5/],
    ['RCPT before MAIL', ['RCPT TO:<a@haiduong.gov.vn>'], /^5/],
    ['an endless line', [`MAIL FROM:<${'a'.repeat(5000)}@example.com>`], /^5|closed/],
    ['relaying', ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.org>'], /^550/],
  ]
  for (const [what, lines, reply] of hostile)
    it(`answers ${what}`, async () => {
      control.state.verdict = (a) => (a.endsWith('@haiduong.gov.vn') ? 'ok' : 'not-ours')
      using s = new Sender(edge.port)
      await s.reply()
      await s.say('EHLO a.example.com')
      let answer = ''
      for (const line of lines) answer = await s.say(line)
      expect(answer).to.match(reply)
    })

  it('gives one address at most 50 connections, and new ones when they are closed', async () => {
    const many = Array.from({ length: 60 }, () => new Sender(edge.port))
    const greetings = await Promise.all(many.map((s) => s.reply()))
    expect(greetings.filter((g) => g.startsWith('220'))).to.have.length(50)
    expect(greetings.filter((g) => g.startsWith('4'))).to.have.length(10)
    for (const s of many) s[Symbol.dispose]()
    await until('a place', async () =>
      last(await Sender.send(edge.port, { to, message: plain }).catch(() => [''])).startsWith('250'),
    )
  })
})
