import { Socket } from 'node:net'
import { expect } from 'chai'
import { startLmtp } from '#mailserver/lmtp/start.ts'
import {
  an,
  domain,
  full,
  type Ground,
  ha,
  letter,
  office,
  openGround,
  register,
  settings,
  Talk,
} from '#test/mailserver/submission/fixture.ts'
import { run } from '#test/programs.ts'

describe('LMTP', () => {
  let ground: Ground
  let lmtp: Awaited<ReturnType<typeof startLmtp>>
  let talk: Talk

  beforeEach(async () => {
    ground = await openGround()
    lmtp = await startLmtp({ settings, ...ground, port: 0 })
    talk = await Talk.open(lmtp.port)
    expect(await talk.say('LHLO danh.sach')).to.match(/^250/)
  })
  afterEach(async () => {
    await talk[Symbol.asyncDispose]()
    await lmtp[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })

  /** the answers to DATA: one for each accepted RCPT */
  async function send(to: string[], message: string): Promise<{ rcpt: string[]; data: string[] }> {
    await talk.say('MAIL FROM:<danh.sach@example.com>')
    const rcpt: string[] = []
    for (const one of to) rcpt.push((await talk.say(`RCPT TO:<${one}>`)).slice(0, 9))
    const data: string[] = []
    if ((await talk.say('DATA')).startsWith('354')) {
      talk.socket.write(`${message}\r\n.\r\n`)
      for (const r of rcpt) if (r.startsWith('250')) data.push((await talk.reply()).slice(0, 9))
    }
    expect(await talk.say('RSET'), 'no answer too many').to.match(/^250 /)
    return { rcpt, data }
  }

  it('takes the same letter again as another message, whatever its Message-ID', async () => {
    const named = letter('x@example.com', ha, 'Message-ID: <mot@example.com>\r\n')
    for (let i = 0; i < 2; i++) expect((await send([ha, an], named)).data).to.deep.equal(['250 2.1.5', '250 2.1.5'])
    expect(ground.inbox(ha)).to.have.length(2)
    expect(ground.inbox(an)).to.have.length(2)
  })

  it('answers for each recipient, also for one given twice', async () => {
    const done = await send([ha, `khong.co@${domain}`, an, HA, 'x@example.com'], letter('x@example.com', ha))
    expect(done.rcpt.map((r) => r.slice(0, 3))).to.deep.equal(['250', '550', '250', '250', '550'])
    expect(done.data).to.deep.equal(['250 2.1.5', '250 2.1.5', '250 2.1.5'])
    expect(ground.inbox(ha)).to.have.length(1)
    const [mail] = ground.inbox(an)
    expect(mail).to.match(
      /^Return-Path: <danh\.sach@example\.com>\r\nDelivered-To: [^\r]+\r\nReceived: from \S+ \([0-9a-f.:]+\)\r\n\tby \S+ with LMTP id \S+;\r\n\t\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0700\r\n/,
    )
    expect(mail).to.contain(`Delivered-To: ${an}\r\n`)
    expect(mail).to.match(new RegExp(`${RegExp.escape(letter('x@example.com', ha))}\r\n$`))
  })
  const HA = ha.toUpperCase()

  it('refuses only the one whose mailbox is full; offices and registers never are', async () => {
    const big = letter('x@example.com', ha) + 'x'.repeat(6000)
    const done = await send([full, ha, office, register], big)
    expect(done.data).to.deep.equal(['552 5.2.2', '250 2.1.5', '250 2.1.5', '250 2.1.5'])
    expect(ground.inbox(full)).to.have.length(0)
    expect(ground.inbox(register)).to.have.length(1)
  })

  it('answers each recipient of a message that is too large', async () => {
    const done = await send([ha, an], letter('x@example.com', ha) + 'x'.repeat(3 * 1024 * 1024))
    expect(done.data).to.deep.equal(['552 5.3.4', '552 5.3.4'])
  })

  it('keeps the octets as they are, and takes the same again as another message', async () => {
    const odd = 'khong phai dau thu\n..\x00\xff bare\n\r\nx'
    await send([ha], odd)
    await send([ha], odd)
    expect(ground.inbox(ha)).to.have.length(2)
  })

  it('answers commands that came together in one write', async () => {
    const recipients = Array.from({ length: 20 }, (_, i) => `RCPT TO:<khong.co.${i}@${domain}>\r\n`)
    // of this process every socket: the client writes once, and the server once
    let writes = 0
    const { _write, _writev } = Socket.prototype
    Socket.prototype._write = function (...given) {
      writes++
      _write.apply(this, given)
    }
    Socket.prototype._writev = function (...given) {
      writes++
      _writev!.apply(this, given)
    }
    try {
      talk.socket.write(`MAIL FROM:<a@example.com>\r\n${recipients.join('')}NOOP\r\n`)
      const replies: string[] = []
      for (let i = 0; i < recipients.length + 2; i++) replies.push((await talk.reply()).slice(0, 4))
      expect(replies).to.deep.equal(['250 ', ...recipients.map(() => '550 '), '250 '])
    } finally {
      Object.assign(Socket.prototype, { _write, _writev })
    }
    // NOOP is answered in the next turn of the loop
    expect(writes).to.be.at.most(3)
  })

  it('has neither AUTH nor SMTP greeting', async () => {
    expect(await talk.say('EHLO x')).to.match(/^5/)
    expect(await talk.say('AUTH PLAIN AGEAYg==')).to.match(/^5/)
  })

  it('is understood by Python smtplib and swaks', async () => {
    const script = `
import smtplib
with smtplib.LMTP('127.0.0.1', ${lmtp.port}) as s:
    refused = s.sendmail('a@example.com', ['${ha}', 'khong.co@${domain}'], 'Subject: py\\r\\n\\r\\nxin chao')
    print(sorted((k, v[0]) for k, v in refused.items()))
`
    const { stdout } = await run('python3', ['-c', script])
    expect(stdout.trim()).to.equal(`[('khong.co@${domain}', 550)]`)
    await run('swaks', [
      '--protocol',
      'LMTP',
      '--server',
      `127.0.0.1:${lmtp.port}`,
      '--from',
      'a@example.com',
      '--to',
      ha,
      '--h-Subject',
      'swaks',
    ])
    expect(ground.inbox(ha).map((m) => /^Subject: (.*?)\r/m.exec(m)?.[1])).to.deep.equal(['py', 'swaks'])
  })
})
