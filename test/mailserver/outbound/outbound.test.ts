import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { SMTPServer } from 'smtp-server'
import type { Settings } from '#config/settings.ts'
import { indexMessage } from '#mailserver/mime/index.ts'
import { type Outbound, startOutbound } from '#mailserver/outbound/start.ts'
import type { QueuedMail } from '#mailserver/store/port.ts'
import { an, domain, type Ground, letter, openGround, settings } from '#test/mailserver/submission/fixture.ts'
import { until } from '#test/until.ts'

type Reply = { code: number; text: string }

/** Somebody else's server: answers as told at RCPT or at the end of DATA. */
async function stranger({ utf8 = true } = {}) {
  const seen: { to: string; raw: string; connection: string; secure: boolean }[] = []
  const atRcpt = new Map<string, Reply>()
  const atData: Reply[] = []
  let busiest = 0
  let open = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    ...(utf8 ? {} : { hideSMTPUTF8: true }),
    onConnect(_session, done) {
      busiest = Math.max(busiest, ++open)
      done()
    },
    onClose: () => void open--,
    onRcptTo({ address }, _session, done) {
      const reply = atRcpt.get(address)
      done(reply && Object.assign(new Error(reply.text), { responseCode: reply.code }))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (c: Buffer) => void chunks.push(c))
      stream.on('end', () => {
        const reply = atData.shift()
        if (reply) return done(Object.assign(new Error(reply.text), { responseCode: reply.code }))
        for (const { address } of session.envelope.rcptTo)
          seen.push({
            to: address,
            raw: Buffer.concat(chunks).toString('utf8'),
            connection: session.id,
            secure: session.secure,
          })
        done()
      })
    },
  })
  server.on('error', () => {}) // connections that a test breaks
  const listener = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  return {
    seen,
    atRcpt,
    atData,
    busiest: () => busiest,
    base: port - 26,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

describe('outbound', () => {
  let ground: Ground
  let other: Awaited<ReturnType<typeof stranger>>
  let outbound: Outbound | undefined
  let clock: number

  beforeEach(async () => {
    ground = await openGround()
    clock = Date.UTC(2026, 10, 23, 3)
  })
  afterEach(async () => {
    await outbound?.[Symbol.asyncDispose]()
    outbound = undefined
    await other.close()
    await ground[Symbol.asyncDispose]()
  })
  function start(): void {
    const all = {
      ...settings,
      mode: 'local',
      portBase: other.base,
      dnsServers: '',
      dnsTrusted: 'loopback',
    } as unknown as Settings
    outbound = startOutbound({ ...ground, settings: all, now: () => clock })
  }
  async function queue(
    to: string | string[],
    { from = an, raw = letter(an, 'x@example.com'), smtputf8 = false } = {},
  ): Promise<number[]> {
    const { queued } = await ground.store.write('submit', {
      raw: Buffer.from(raw),
      from,
      local: [],
      outside: [to].flat(),
      at: clock,
      messageId: 'x@y',
      smtputf8,
      eightBit: true,
    })
    return queued
  }
  const rows = () => ground.store.read.queue({ limit: 100 })
  const states = () => rows().map((r) => r.state)
  const ended = () =>
    until('an attempt of each row', () => rows().every((r) => r.state !== 'sending' && r.attempts.length > 0))

  it('delivers each row once, the octets as they are, over few connections that are used again', async () => {
    other = await stranger()
    start()
    const raw = `${letter(an, 'x@example.com')}.dot\r\n..dots\r\n`
    await queue(
      Array.from({ length: 30 }, (_, i) => `n${i}@example.com`),
      { raw },
    )
    await until('the queue to get there', () => states().length > 0 && states().every((s) => s === 'done'))
    expect(other.seen.map((m) => m.to).sort()).to.deep.equal(
      Array.from({ length: 30 }, (_, i) => `n${i}@example.com`).sort(),
    )
    for (const m of other.seen) expect(m.raw).to.equal(raw)
    expect(other.busiest()).to.be.at.most(4)
    expect(
      other.seen.every((m) => m.secure),
      'TLS is taken when it is offered',
    ).to.equal(true)
    expect(rows()[0]!.attempts[0]).to.include({ at: clock, host: '127.0.0.1' })
    expect(rows()[0]!.attempts[0]!.reply).to.match(/^250 /)
  })

  it('tries again later after a temporary refusal, and again when the time has come', async () => {
    other = await stranger()
    other.atData.push({ code: 451, text: '4.7.1 greylisted' })
    start()
    await queue('a@example.com')
    await ended()
    expect(rows()[0]).to.include({ state: 'waiting', nextAt: clock + 60_000 })
    expect(rows()[0]!.attempts[0]!.reply).to.contain('greylisted')
    expect(ground.inbox(an), 'nobody is told yet').to.have.length(0)
    clock += 60_000
    await queue('b@example.com') // a change in the queue makes it look
    await until('the queue to get there', () => states().every((s) => s === 'done'))
    expect(other.seen.map((m) => m.to).sort()).to.deep.equal(['a@example.com', 'b@example.com'])
  })

  it('tells the sender of a final refusal, once, in words and for programs', async () => {
    other = await stranger()
    other.atRcpt.set('khong.co@example.com', { code: 550, text: '5.1.1 no such user' })
    start()
    await queue(['khong.co@example.com', 'co@example.com'])
    await until('the queue to get there', () => states().every((s) => s === 'done' || s === 'failed'))
    expect(rows().find((r) => r.to === 'khong.co@example.com')!.state).to.equal('failed')
    const [report, ...more] = ground.inbox(an)
    expect(more).to.deep.equal([])
    const index = indexMessage(Buffer.from(report!))
    expect(report).to.match(/^Return-Path: <>\r\nDelivered-To: an\.nguyen/)
    expect(index.headerText).to.contain('Auto-Submitted: auto-replied')
    expect(index.subject).to.equal('Không gửi được thư / Undelivered mail')
    expect(index.structure.type).to.equal('multipart/report')
    expect(index.structure.children.map((p) => p.type)).to.deep.equal([
      'text/plain',
      'message/delivery-status',
      'text/rfc822-headers',
    ])
    expect(report).to.contain('Final-Recipient: rfc822; khong.co@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n')
    expect(report).to.contain('\r\nSubject: Th=?utf-8?Q?=C6=B0?=\r\n')
    expect(index.text).to.contain('không gửi được tới').and.contain('could not be delivered')
  })

  it('never reports to the null sender', async () => {
    other = await stranger()
    other.atRcpt.set('a@example.com', { code: 550, text: '5.1.1 no' })
    start()
    await queue('a@example.com', { from: '' })
    await until('the queue to get there', () => states()[0] === 'failed')
    expect(rows()).to.have.length(1)
    expect(ground.store.read.totals().messages).to.equal(0)
  })

  it('warns once after four hours and gives up after five days', async () => {
    other = await stranger()
    const first = clock
    await queue('a@example.com')
    for (let i = 0; i < 100; i++) other.atData.push({ code: 450, text: '4.2.1 later' })
    start()
    for (let i = 1; states()[0] !== 'failed'; i++) {
      await until('the queue to get there', () => rows()[0]!.attempts.length === i && rows()[0]!.state !== 'sending')
      if (rows()[0]!.state !== 'waiting') break
      clock = rows()[0]!.nextAt
      await ground.store.write('queueSet', { id: rows()[0]!.id, state: 'waiting' })
    }
    expect(clock - first).to.be.within(5 * 24 * 3_600_000, 5.2 * 24 * 3_600_000)
    const subjects = ground.inbox(an).map((m) => indexMessage(Buffer.from(m)).subject)
    expect(subjects).to.deep.equal([
      'Thư gửi chậm, vẫn đang thử lại / Delayed mail',
      'Không gửi được thư / Undelivered mail',
    ])
    expect(other.seen).to.deep.equal([])
  }).timeout(20_000)

  it('sends addresses with marks only where they are understood', async () => {
    other = await stranger({ utf8: false })
    start()
    await queue('nguyễn@example.com', { smtputf8: true })
    await until('the queue to get there', () => states()[0] === 'failed')
    expect(ground.inbox(an)[0]).to.contain('Status: 5.6.7').and.contain('Final-Recipient: utf-8; nguyễn@example.com')
    expect(other.seen).to.deep.equal([])
  })

  it('sends them where they are', async () => {
    other = await stranger()
    start()
    await queue('nguyễn@example.com', { smtputf8: true })
    await until('the queue to get there', () => states()[0] === 'done')
    expect(other.seen.map((m) => m.to)).to.deep.equal(['nguyễn@example.com'])
  })

  it('keeps the row when nobody answers', async () => {
    other = await stranger()
    await other.close()
    start()
    await queue('a@example.com')
    await ended()
    expect(rows()[0]!.state).to.equal('waiting')
    expect(rows()[0]!.attempts[0]!.reply).to.match(/ECONNREFUSED/)
    other = await stranger() // for the end of the test
  })

  it('leaves alone what is held', async () => {
    other = await stranger()
    const [held] = await queue('a@example.com')
    await ground.store.write('queueSet', { id: held!, state: 'held' })
    start()
    await queue(`b@khac.${domain.slice(-6)}`)
    await until('the queue to get there', () => states().includes('done'))
    expect(rows().map((r: QueuedMail) => [r.to.slice(0, 1), r.state])).to.deep.include(['a', 'held'])
    expect(other.seen).to.have.length(1)
  })
})
