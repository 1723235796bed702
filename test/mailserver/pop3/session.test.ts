import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { until } from '#test/until.ts'
import { an, type Fixture, ha, mail, office, type PopClient, password, pop, register, startFixture } from './fixture.ts'

describe('POP3: signing in', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture()
    await f.deliver(an, mail('Một'))
  })
  after(() => f[Symbol.asyncDispose]())

  it('says what it can, and what it can after signing in', async () => {
    const c = await pop(f)
    const before = await c.many('CAPA')
    for (const line of ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'EXPIRE NEVER', 'USER', 'STLS'])
      expect(before.split('\r\n')).to.include(line)
    expect(before)
      .to.match(/^SASL .*PLAIN/m)
      .and.match(/^UTF8 USER\r$/m)
      .and.match(/^LANG\r$/m)
    expect(before).not.to.contain('IMPLEMENTATION').and.not.to.contain('APOP').and.not.to.contain('LAST')
    await c.good(`USER ${an}`)
    await c.good(`PASS ${password}`)
    expect(await c.many('CAPA'))
      .to.contain('IMPLEMENTATION Cong-So')
      .and.not.to.contain('STLS')
    expect(await c.line('LAST')).to.match(/^-ERR/)
    await c.good('QUIT')
    await c.untilClosed()
  })

  it('USER and PASS, AUTH PLAIN and LOGIN, with and without a first response', async () => {
    const plain = Buffer.from(`\0${an}\0${password}`).toString('base64')
    for (const enter of [
      async (c: PopClient) => void (await c.good(`AUTH PLAIN ${plain}`)),
      async (c: PopClient) => {
        expect(await c.line('auth plain')).to.equal('+ ')
        await c.good(plain)
      },
      async (c: PopClient) => {
        expect(await c.line('AUTH LOGIN')).to.match(/^\+ /)
        expect(await c.line(Buffer.from(an).toString('base64'))).to.match(/^\+ /)
        await c.good(Buffer.from(password).toString('base64'))
      },
      async (c: PopClient) => {
        await c.good(`user ${an.toUpperCase()}`)
        await c.good(`pass ${password}`)
      },
    ]) {
      const c = await pop(f)
      await enter(c)
      expect(await c.good('STAT')).to.match(/^\+OK 1 \d+$/)
      await c.good('QUIT')
      await c.untilClosed()
    }
    const c = await pop(f)
    expect(await c.many('AUTH')).to.contain('PLAIN\r\n')
    expect(await c.line('AUTH NOSUCH')).to.match(/^-ERR/)
    expect(await c.line('AUTH PLAIN *')).to.match(/^-ERR/)
    await c.line('AUTH PLAIN')
    expect(await c.line('*')).to.match(/^-ERR AUTH cancelled/)
    expect(await c.line('STAT')).to.match(/^-ERR/)
    c.destroy()
  })

  it('lets whoever has heard the answer to QUIT sign in again at once', async () => {
    const { emit } = Worker.prototype
    Worker.prototype.emit = function (this: Worker, ...[event, message]: Parameters<typeof emit>) {
      if ((message as { say?: string } | undefined)?.say !== 'release') return emit.call(this, event, message)
      setTimeout(() => emit.call(this, event, message), 500) // the main thread is busy
      return true
    } as typeof emit
    try {
      for (let i = 0; i < 2; i++) {
        const c = await pop(f)
        await c.good(`USER ${an}`)
        await c.good(`PASS ${password}`)
        await c.good('QUIT')
      }
    } finally {
      Worker.prototype.emit = emit
    }
  })

  it('refuses with [AUTH] and ends after five refusals', async () => {
    const c = await pop(f)
    expect(await c.line('PASS x')).to.match(/^-ERR/) // no USER yet
    for (let i = 0; i < 5; i++) {
      await c.good(`USER ai.do@haiduong.gov.vn`)
      expect(await c.line(`PASS sai${i}`)).to.match(/^-ERR \[AUTH\] Sai địa chỉ/)
    }
    await c.untilClosed()
  })

  it('slows guessing down, and says so with [SYS/TEMP]', async () => {
    const name = 'do.tim@haiduong.gov.vn'
    let last = ''
    for (let i = 0; i < 3 && !last.includes('SYS/TEMP'); i++) {
      const c = await pop(f)
      for (let j = 0; j < 4 && !last.includes('SYS/TEMP'); j++) {
        await c.good(`USER ${name}`)
        last = await c.line(`PASS ${i} ${j}`)
      }
      c.destroy()
    }
    expect(last).to.match(/^-ERR \[SYS\/TEMP\]/)
    // whoever is right is let in from where she is known
    const c = await pop(f, an)
    await c.good('QUIT')
  })

  it('one session for each mailbox; the next one when the first has gone', async () => {
    const first = await pop(f, an)
    const second = await pop(f)
    await second.good(`USER ${an}`)
    expect(await second.line(`PASS ${password}`)).to.match(/^-ERR \[IN-USE\]/)
    await second.untilClosed()
    const other = await pop(f, ha)
    await other.good('QUIT')
    first.destroy()
    await until('the claim to end with its connection', async () => {
      const c = await pop(f)
      await c.good(`USER ${an}`)
      const said = await c.line(`PASS ${password}`)
      if (said.startsWith('+OK')) await c.good('QUIT')
      c.destroy()
      return said.startsWith('+OK')
    })
  })

  it('registers and offices have none, whoever comes with a token for them', async () => {
    for (const address of [office, register]) {
      const c = await pop(f)
      await c.good(`USER ${address}`)
      expect(await c.line(`PASS ${password}`)).to.match(/^-ERR \[AUTH\]/)
      c.destroy()
    }
    f.accounts.addGrant({ person: an, office, rights: ['read', 'act'], from: '2026-01-01T00:00:00Z' })
    await f.deliver(office, mail('Của văn phòng'))
    const { token } = f.accounts.issueToken(f.id(register), 'workers')
    const c = await pop(f)
    await c.good(`USER ${register}`)
    expect(await c.line(`PASS ${token}`)).to.match(/^-ERR \[AUTH\] Tài khoản không được dùng ở đây/)
    await c.untilClosed()
    const own = await pop(f, an)
    expect(await own.good('STAT')).to.match(/^\+OK 1 /) // rights on an office do not bring its letters here
    await own.good('QUIT')
  })

  it('STLS forgets what was said in the clear, and what came with it', async () => {
    const c = await pop(f)
    await c.good(`USER ${an}`)
    c.write(`STLS\r\nUSER ${ha}\r\nPASS ${password}\r\n`)
    await c.until('\r\n')
    await c.secure()
    expect(await c.line(`PASS ${password}`)).to.match(/^-ERR USER first/)
    expect(await c.many('CAPA')).not.to.contain('STLS')
    expect(await c.line('STLS')).to.match(/^-ERR/)
    await c.good(`USER ${an}`)
    await c.good(`PASS ${password}`)
    await c.good('QUIT')
    await c.untilClosed()
  })

  it('ends within a sweep when the account is disabled or its password changed, without a word', async () => {
    for (const change of [
      () => f.accounts.setAccount(ha, { password: `${password}2` }),
      async () => f.accounts.disable(ha, true),
    ]) {
      const c = await pop(f, ha)
      await change()
      await f.imap.sweep()
      expect(await c.untilClosed()).to.equal('')
      await f.accounts.setAccount(ha, { password })
      f.accounts.disable(ha, false)
    }
  })

  it('deletes nothing at QUIT when the account was disabled a moment before', async () => {
    await f.deliver(ha, mail('Giữ lại'))
    const c = await pop(f, ha)
    await c.good('DELE 1')
    f.accounts.disable(ha, true)
    expect(await c.line('QUIT')).to.match(/^-ERR \[AUTH\]/)
    f.accounts.disable(ha, false)
    const again = await pop(f, ha)
    expect(await again.good('STAT')).to.match(/^\+OK 1 /)
    await again.good('QUIT')
  })

  it('speaks both languages, or the one that LANG chose', async () => {
    const c = await pop(f)
    expect(Buffer.from(await c.many('LANG'), 'latin1').toString()).to.equal('vi Tiếng Việt\r\nen English\r\n')
    for (const [tag, expected] of [
      ['EN', /^-ERR \[AUTH\] Wrong address or password\.$/],
      ['vi-VN', /^-ERR \[AUTH\] Sai địa chỉ hoặc mật khẩu\.$/],
      ['*', /^-ERR \[AUTH\] Sai .* \/ Wrong .*$/],
    ] as const) {
      await c.good(`LANG ${tag}`)
      await c.good('USER khong.co@haiduong.gov.vn')
      expect(await c.line(`PASS ${tag}`)).to.match(expected)
    }
    expect(await c.line('LANG fr')).to.match(/^-ERR/)
    c.destroy()
  })
})

describe('POP3: the maildrop', () => {
  let f: Fixture
  beforeEach(async () => {
    f = await startFixture()
  })
  afterEach(() => f[Symbol.asyncDispose]())

  it('LIST, UIDL, RETR, TOP, DELE, RSET, QUIT', async () => {
    for (let i = 1; i <= 3; i++) await f.deliver(an, mail(`Thư ${i}`, `Dòng 1 của ${i}\r\n.chấm\r\nDòng 3`))
    const c = await pop(f, an)
    const list = await c.many('LIST')
    expect(list).to.match(/^1 \d+\r\n2 \d+\r\n3 \d+\r\n$/)
    const size = Number(/^2 (\d+)\r$/m.exec(list)![1])
    expect(await c.good('LIST 2')).to.equal(`+OK 2 ${size}`)
    const message = await c.message('RETR 2')
    expect(message.length).to.equal(size)
    expect(message).to.contain('\r\n.ch') // as it was, unstuffed
    const head = await c.message('TOP 2 1')
    expect(message.startsWith(head)).to.equal(true)
    expect(head.split('\r\n\r\n')[1]).to.match(/^D.*1.*\r\n$/)
    const ids = await c.many('UIDL')
    expect(await c.good('UIDL 3')).to.equal(`+OK ${/^3 .*(?=\r)/m.exec(ids)![0]}`)
    await c.good('DELE 2')
    expect(await c.line('DELE 2')).to.match(/^-ERR/)
    for (const command of ['RETR 2', 'LIST 2', 'UIDL 2', 'TOP 2 0', 'RETR 4', 'RETR 0', 'RETR', 'RETR x', 'TOP 1'])
      expect(await c.line(command), command).to.match(/^-ERR/)
    expect(await c.many('LIST')).to.match(/^1 \d+\r\n3 \d+\r\n$/)
    await c.good('RSET')
    expect(await c.good('STAT')).to.match(/^\+OK 3 /)
    await c.good('DELE 1')
    await c.good('DELE 3')
    expect(await c.good('STAT')).to.equal(`+OK 1 ${size}`)
    expect(await c.good('QUIT')).to.contain('2 messages deleted')
    await c.untilClosed()
    const again = await pop(f, an)
    expect(await again.many('UIDL')).to.equal(`1 ${/^2 (\S+)/m.exec(ids)![1]}\r\n`) // the number changes, the id does not
    await again.good('QUIT')
  })

  it('deletes nothing when the connection is lost before QUIT', async () => {
    for (let i = 0; i < 5; i++) await f.deliver(an, mail(`Thư ${i}`))
    const c = await pop(f, an)
    for (let n = 1; n <= 5; n++) await c.good(`DELE ${n}`)
    c.destroy()
    const again = await until('the mailbox to be free', async () => {
      const next = await pop(f)
      await next.good(`USER ${an}`)
      if ((await next.line(`PASS ${password}`)).startsWith('+OK')) return next
      next.destroy()
      return undefined
    })
    expect(await again.good('STAT')).to.match(/^\+OK 5 /)
    again.destroy()
  })

  it('keeps its numbers while others deliver and delete', async () => {
    for (let i = 1; i <= 3; i++) await f.deliver(an, mail(`Thư ${i}`))
    const c = await pop(f, an)
    const imap = await f.as(an)
    await imap.ok('SELECT INBOX')
    await imap.ok('STORE 2 +FLAGS (\\Deleted)')
    await imap.ok('EXPUNGE')
    await f.deliver(an, mail('Thư 4'))
    expect(await c.good('STAT')).to.match(/^\+OK 3 /)
    expect(await c.line('RETR 2')).to.match(/^-ERR Thư này không còn/)
    expect(await c.message('RETR 3')).to.contain('Subject: Th')
    await c.good('DELE 2')
    await c.good('DELE 3')
    await c.good('QUIT')
    expect(await imap.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 2')
  })

  it('tells sizes to the octet, whatever the lines end with', async () => {
    const kinds = ['\r\n', '\n', '\r', '.', 'Chữ ', '\r\n.', '\n\n', 'x'.repeat(200)]
    const raws = [Buffer.from(''), Buffer.from('\n'), Buffer.from('a'), Buffer.from('.\n.')]
    for (let i = 0; i < 20; i++) {
      const dice = createHash('sha512').update(`size ${i}`).digest()
      raws.push(Buffer.from(`Subject: ${i}\n\n${[...dice].map((n) => kinds[n % kinds.length]).join('')}`))
    }
    const imap = await f.as(an)
    for (const raw of raws) await imap.append('INBOX', raw)
    const c = await pop(f, an)
    let sum = 0
    const last = Number(/^\+OK (\d+)/.exec(await c.good('STAT'))![1])
    expect(last).to.be.at.least(20)
    for (let n = 1; n <= last; n++) {
      const size = Number((await c.good(`LIST ${n}`)).split(' ')[2])
      expect((await c.message(`RETR ${n}`)).length, `message ${n}`).to.equal(size)
      sum += size
    }
    expect(await c.good('STAT')).to.equal(`+OK ${last} ${sum}`)
    await c.good('QUIT')
  })

  it('UTF-8 in headers goes out as it is in UTF8 mode, and as ASCII without it (RFC 6856)', async () => {
    const raw = `From: Hà <ha@ngoai.vn>\nSubject: Báo cáo tháng\r\n\r\n.chữ\r\n`
    await f.deliver(an, raw, 'Return-Path: <hà@ngoai.vn>\r\n')
    await f.deliver(an, `Subject: ${'ữ'.repeat(300_000)}\r\n\r\nx\r\n`)
    await f.deliver(an, `Subject: ${'u'.repeat(600_000)}\r\n\r\nx\r\n`)
    const sent = (text: string) => Buffer.from(text).toString('latin1')
    const plain = await pop(f)
    await plain.good(`USER ${an}`)
    await plain.good(`PASS ${password}`)
    const first = await plain.good('RETR 1')
    const octets = (await plain.until('\r\n.\r\n')).slice(0, -3).replace('\r\n..', '\r\n.')
    expect(octets).to.equal(
      sent(
        'Return-Path: =?utf-8?B?aMOgQG5nb2FpLnZu?= <invalid@internationalized-address.invalid>\r\nFrom: =?utf-8?B?SMOg?= <ha@ngoai.vn>\r\nSubject: =?utf-8?B?QsOhbyBjw6FvIHRow6FuZw==?=\r\n\r\n.chữ\r\n',
      ),
    )
    expect(first).to.equal(`+OK ${octets.length} octets`)
    expect(await plain.message('TOP 1 0')).to.equal(octets.slice(0, octets.indexOf('\r\n\r\n') + 4))
    expect(await plain.line('RETR 2')).to.match(/^-ERR \[UTF8\] /)
    expect(await plain.line('TOP 2 0')).to.match(/^-ERR \[UTF8\] /)
    expect(await plain.message('RETR 3')).to.match(/uuu\r\n\r\nx\r\n$/)
    await plain.good('QUIT')
    const late = await pop(f)
    await late.good('UTF8')
    expect(await late.line('STLS')).to.match(/^-ERR/)
    late.destroy()
    const reads = await pop(f, an)
    expect(await reads.line('UTF8')).to.match(/^-ERR/)
    const kept = await reads.message('RETR 1')
    expect(kept).to.equal(sent(`Return-Path: <hà@ngoai.vn>\r\n${raw.replace('\nS', '\r\nS')}`))
    expect(await reads.good('LIST 1')).to.equal(`+OK 1 ${kept.length}`)
    expect((await reads.message('RETR 2')).length).to.be.above(900_000)
    await reads.good('QUIT')
  })

  it('answers commands sent all at once, in order', async () => {
    for (let i = 0; i < 3; i++) await f.deliver(an, mail(`Thư ${i}`))
    const c = await pop(f)
    c.write(`USER ${an}\r\nPASS ${password}\r\nSTAT\r\nRETR 1\r\nRETR 2\r\nDELE 1\r\nNOOP\r\nQUIT\r\n`)
    const all = await c.untilClosed()
    expect(all.match(/^\+OK/gm)).to.have.length(8)
    expect(all.match(/^Subject:/gm)).to.have.length(2)
  })
})
