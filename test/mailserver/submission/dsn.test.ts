/** DSN (RFC 3461) from submission to the report: asked with Python's smtplib, read with Python's email; and codes in every reply (RFC 2034). */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { SMTPServer } from 'smtp-server'
import type { Settings } from '#config/settings.ts'
import { startLmtp } from '#mailserver/lmtp/start.ts'
import { warnAfter } from '#mailserver/outbound/schedule.ts'
import { type Outbound, startOutbound } from '#mailserver/outbound/start.ts'
import { type Submission, startSubmission } from '#mailserver/submission/start.ts'
import { run } from '#test/programs.ts'
import { until } from '#test/until.ts'
import { an, domain, full, type Ground, ha, letter, openGround, password, settings, Talk } from './fixture.ts'

/** A server of somebody else; `seen`: what MAIL and RCPT said, `refuse`: the code of its answer to DATA. */
async function stranger({ dsn }: { dsn: boolean }) {
  const seen: object[] = []
  const state = { refuse: 0 }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    hideDSN: !dsn,
    onMailFrom: ({ args }, _session, done) => {
      const { SIZE: _, BODY: __, ...rest } = (args || {}) as Record<string, unknown>
      seen.push(rest)
      done()
    },
    onRcptTo: ({ args }, _session, done) => {
      seen.push(args || {})
      done()
    },
    onData(stream, _session, done) {
      stream.resume()
      stream.on('end', () =>
        state.refuse ? done(Object.assign(new Error('5.1.1 nobody'), { responseCode: state.refuse })) : done(),
      )
    },
  })
  server.on('error', () => {})
  const listener = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    seen,
    state,
    base: (listener.address() as AddressInfo).port - 26,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

type Report = { subject: string; type: string; fields: Record<string, string>[]; original: string; back: string }
/** As Python's email reads it. */
function read(report: string): Report {
  const script = `
import email, email.policy, json, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
assert not any(p.defects for p in m.walk()), [p.defects for p in m.walk()]
text, status, original = m.get_payload()
print(json.dumps({'subject': m['Subject'], 'type': m.get_param('report-type'), 'fields': [{k.lower(): str(v) for k, v in s.items()} for s in status.get_payload()], 'original': original.get_content_type(), 'back': original.as_string()}))
`
  return JSON.parse(execFileSync('python3', ['-c', script], { input: report, encoding: 'utf8' }))
}

describe('delivery status notifications', () => {
  let ground: Ground
  let submission: Submission
  let outbound: Outbound | undefined
  let clock: number
  beforeEach(async () => {
    ground = await openGround()
    clock = Date.now()
    submission = await startSubmission({
      settings,
      ...ground,
      ports: { submission: 0, submissions: 0 },
      now: () => clock,
    })
  })
  afterEach(async () => {
    await outbound?.[Symbol.asyncDispose]()
    outbound = undefined
    await submission[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })
  /** By Python's smtplib. */
  const send = async (to: string, mailOptions: string[], rcptOptions: string[], id = 'a@x') => {
    const script = `
import smtplib, json
with smtplib.SMTP('127.0.0.1', ${submission.ports.submission}) as s:
    s.ehlo()
    assert s.has_extn('dsn') and s.has_extn('enhancedstatuscodes')
    s.login('${an}', '${password}')
    s.sendmail('${an}', ['${to}'], ${JSON.stringify(letter(an, to, `Message-ID: <${id}>\r\n`))}.encode(), mail_options=json.loads('${JSON.stringify(mailOptions)}'), rcpt_options=json.loads('${JSON.stringify(rcptOptions)}'))
`
    await run('python3', ['-c', script])
  }
  const start = (base: number) => {
    const all = { ...settings, mode: 'local', portBase: base, dnsServers: '', dnsTrusted: 'loopback' }
    outbound = startOutbound({ ...ground, settings: all as unknown as Settings, now: () => clock })
  }
  const reports = () => ground.inbox(an).filter((raw) => /report-type=delivery-status/.test(raw))
  const states = () => ground.store.read.queue({ limit: 9 }).map(({ state }) => state)
  const attempted = () =>
    until('an attempt', () =>
      ground.store.read.queue({ limit: 9 }).every((r) => r.attempts.length > 0 && r.state !== 'sending'),
    )

  it('tells of letters that lie in a mailbox, where that was asked, and once', async () => {
    await send(ha, [], [])
    await send(ha, [], ['NOTIFY=FAILURE,DELAY'], 'b@x')
    await send(ha, [], ['NOTIFY=NEVER'], 'c@x')
    expect(reports()).to.have.length(0)
    for (const _ of ['once', 'again, by a program that did not hear the 250'])
      await send(ha, ['RET=HDRS', 'ENVID=Th+2B1'], ['NOTIFY=SUCCESS,FAILURE', 'ORCPT=rfc822;ha+2Bx@ngoai.vn'], 'd@x')
    expect(ground.inbox(ha)).to.have.length(4)
    expect(reports()).to.have.length(1)
    const { subject, fields, original, back } = read(reports()[0]!)
    expect(subject).to.contain('Delivered mail')
    expect(fields[0]).to.include({ 'original-envelope-id': 'Th+1', 'reporting-mta': 'dns; mail.haiduong.gov.vn' })
    expect(fields[1]).to.deep.equal({
      'original-recipient': 'rfc822;ha+x@ngoai.vn',
      'final-recipient': `rfc822; ${ha}`,
      action: 'delivered',
      status: '2.1.5',
    })
    expect(original).to.equal('text/rfc822-headers')
    expect(back).to.contain('Message-ID: <d@x>').and.not.to.contain('quý vị')
    expect(reports()[0]).to.match(/^Return-Path: <>\r\n/)
  })

  it('reports a mailbox that filled up meanwhile, also when it died before it came to that', async () => {
    const { store } = ground
    const write = store.write.bind(store)
    let killed = false
    store.write = (async (job, input) => {
      if (job === 'submit' && !killed) {
        const recipients = [{ account: ground.id(full), mailbox: 'INBOX', prefix: new Uint8Array() }]
        await write('deliver', { raw: Buffer.from(letter(an, full) + 'x'.repeat(4096)), recipients, at: Date.now() })
      }
      if (job === 'deliver' && !killed) {
        killed = true
        throw new Error('killed')
      }
      return write(job, input)
    }) as typeof write
    const said = letter(an, full, 'Message-ID: <mot@haiduong.gov.vn>\r\n')
    for (const [answer, told] of [
      [/^4/, 0],
      [/^250/, 1],
      [/^250/, 1],
    ] as const) {
      await using talk = await Talk.open(submission.ports.submission)
      await talk.signIn(an)
      expect(await talk.mail(an, [full, ha], said)).to.match(answer)
      expect(reports()).to.have.length(told)
      await write('expunge', { mailbox: store.read.mailbox(ground.id(full), 'INBOX')!.id, force: true })
    }
    expect(ground.inbox(ha)).to.have.length(1)
  })

  it('does not call delivered what its owner sent back', async () => {
    ground.accounts.scripts.put(ground.id(ha), 'main', 'require "reject"; reject "Xin gửi văn thư.";')
    ground.accounts.scripts.activate(ground.id(ha), 'main')
    await send(ha, [], ['NOTIFY=SUCCESS,FAILURE'])
    expect(reports().map((raw) => read(raw).fields[1]!['action'])).to.deep.equal(['failed'])
  })

  it('says of a group that it was expanded', async () => {
    const group = `nhom@${domain}`
    ground.accounts.putAlias({ address: group, to: [an, ha], group: { name: 'Nhóm', outside: true } })
    await send(group, [], ['NOTIFY=SUCCESS'])
    expect(read(reports()[0]!).fields[1]).to.include({ action: 'expanded', 'final-recipient': `rfc822; ${group}` })
    // one of whom all members, or all but one, are elsewhere
    const far = `xa@${domain}`
    for (const members of [['ban@example.com'], [ha, 'ban@example.com']]) {
      const sends = ground.accounts.putAlias({
        address: far,
        to: members,
        group: { name: 'Xa', outside: true, owner: ha },
      })!
      await ground.store.write('openAccount', { account: sends.id, kind: 'service' })
      await send(far, [], ['NOTIFY=SUCCESS'], `${members.length}@x`)
      expect(read(reports().at(-1)!).fields[1]).to.include({ action: 'expanded', 'final-recipient': `rfc822; ${far}` })
    }
    expect(reports()).to.have.length(3)
  })

  it('passes what was asked on to a server that reports by itself', async () => {
    await using other = await stranger({ dsn: true })
    start(other.base)
    await send(
      'ban@example.com',
      ['RET=FULL', 'ENVID=so+2B7'],
      ['NOTIFY=SUCCESS,DELAY', 'ORCPT=rfc822;ban+2Bx@example.com'],
    )
    await until('the letter to be there', () => states().includes('done'))
    expect(other.seen).to.deep.equal([
      { RET: 'FULL', ENVID: 'so+7' },
      { NOTIFY: 'SUCCESS,DELAY', ORCPT: 'rfc822;ban+x@example.com' },
    ])
    expect(reports()).to.have.length(0)
  })

  it('says of one that does not, that it took the letter, and asks it for nothing', async () => {
    await using other = await stranger({ dsn: false })
    start(other.base)
    await send('ban@example.com', ['ENVID=x1'], ['NOTIFY=SUCCESS'])
    await until('the letter to be there', () => states().includes('done'))
    expect(other.seen).to.deep.equal([{}, {}])
    const { fields } = read(reports()[0]!)
    expect(fields[0]).to.include({ 'original-envelope-id': 'x1' })
    expect(fields[1]).to.include({ action: 'relayed', 'final-recipient': 'rfc822; ban@example.com', status: '2.0.0' })
    // without being asked, nothing is said
    await send('ban@example.com', [], [], 'b@x')
    await until('the second to be there', () => states().every((state) => state === 'done') && states().length === 2)
    expect(reports()).to.have.length(1)
  })

  for (const [notify, told] of [
    [[], 1],
    [['NOTIFY=FAILURE'], 1],
    [['NOTIFY=NEVER'], 0],
    [['NOTIFY=SUCCESS,DELAY'], 0],
  ] as const)
    it(`a refusal, ${notify[0] ?? 'nothing asked'}: ${told} report`, async () => {
      await using other = await stranger({ dsn: false })
      other.state.refuse = 550
      start(other.base)
      await send('ban@example.com', ['RET=FULL'], [...notify, 'ORCPT=rfc822;cu@example.com'])
      await until('the refusal', () => states().includes('failed'))
      expect(reports()).to.have.length(told)
      if (!told) return
      const { fields, original } = read(reports()[0]!)
      expect(fields[1]).to.include({ action: 'failed', status: '5.1.1', 'original-recipient': 'rfc822;cu@example.com' })
      expect(original).to.equal('message/rfc822')
      expect(reports()[0]).to.contain('quý vị') // RET=FULL
    })

  for (const [notify, told] of [
    [[], 1],
    [['NOTIFY=DELAY'], 1],
    [['NOTIFY=FAILURE'], 0],
    [['NOTIFY=NEVER'], 0],
  ] as const)
    it(`a delay, ${notify[0] ?? 'nothing asked'}: ${told} report`, async () => {
      await using other = await stranger({ dsn: false })
      other.state.refuse = 451
      await send('ban@example.com', ['RET=FULL'], [...notify])
      clock += warnAfter
      start(other.base)
      await attempted()
      expect(reports()).to.have.length(told)
      if (told)
        expect(read(reports()[0]!))
          .to.include({ original: 'text/rfc822-headers' })
          .and.to.have.nested.property('fields[1].action', 'delayed')
    })

  it('a mailbox that fills up between RCPT and the commit is told of unless nobody wants to know', async () => {
    for (const [n, [notify, told]] of (
      [
        ['NOTIFY=NEVER', 0],
        ['NOTIFY=FAILURE', 1],
      ] as const
    ).entries()) {
      await using talk = await Talk.open(submission.ports.submission)
      await talk.signIn(an)
      for (const line of [`MAIL FROM:<${an}>`, `RCPT TO:<${full}> ${notify}`, `RCPT TO:<${ha}>`, 'DATA'])
        expect(await talk.say(line), line).to.match(/^[23]/)
      // fits without its seal, and not with it
      talk.socket.write(`${letter(an, full)}${`${'x'.repeat(70)}\r\n`.repeat(40)}.\r\n`)
      expect(await talk.reply()).to.match(/^250/)
      expect(ground.inbox(ha)).to.have.length(n + 1)
      expect(reports()).to.have.length(told)
    }
  })

  it('refuses what is no request', async () => {
    await using talk = await Talk.open(submission.ports.submission)
    await talk.signIn(an)
    for (const wrong of ['RET=ALL', 'RET', 'ENVID', `ENVID=${'x'.repeat(101)}`, 'RET=FULL RET=HDRS', 'ENVID=a+0D+0Ab'])
      expect(await talk.say(`MAIL FROM:<${an}> ${wrong}`), wrong).to.match(/^501 5\.\d\.\d /)
    expect(await talk.say(`MAIL FROM:<${an}> RET=hdrs ENVID=x`)).to.match(/^250 2\.1\.0 /)
    for (const wrong of [
      'NOTIFY=ALWAYS',
      'NOTIFY=NEVER,SUCCESS',
      'NOTIFY',
      'ORCPT=ha',
      'ORCPT',
      `ORCPT=rfc822;${'x'.repeat(500)}`,
    ])
      expect(await talk.say(`RCPT TO:<${ha}> ${wrong}`), wrong).to.match(/^501 5\.\d\.\d /)
    expect(await talk.say(`RCPT TO:<${ha}> NOTIFY=success,delay`)).to.match(/^250 2\.1\.5 /)
  })

  it('every reply of submission and of LMTP has its code, once (RFC 2034)', async () => {
    await using lmtp = await startLmtp({ settings, ...ground, port: 0 })
    const coded = /^(?:[245]\d\d[ -][245]\.\d{1,3}\.\d{1,3} (?![245]\.\d).*(?:\r\n|$))+$/
    for (const [port, hello, lines] of [
      [
        submission.ports.submission,
        'EHLO',
        [
          ...[
            'NOOP',
            'RSET',
            'HELP',
            'VRFY x',
            'NOSUCH',
            'DATA',
            `MAIL FROM:<${an}>`,
            'AUTH PLAIN AAAA',
            'AUTH NOSUCH',
          ],
          ...[
            `AUTH PLAIN ${Buffer.from(`\0${an}\0${password}`).toString('base64')}`,
            'RCPT TO:<x@y.vn>',
            'MAIL FROM:<>',
          ],
          ...[
            'MAIL FROM:<khong.phai@minh.vn>',
            `MAIL FROM:<${an}> SIZE=99999999999`,
            `MAIL FROM:<${an}>`,
            `MAIL FROM:<${an}>`,
          ],
          ...[`RCPT TO:<khong.co@${domain}>`, 'RCPT TO:<>', `RCPT TO:<${full}>`, `RCPT TO:<${ha}>`, 'QUIT'],
        ],
      ],
      [
        lmtp.port,
        'LHLO',
        [
          ...['NOOP', 'MAIL FROM:<a@b.vn> SIZE=99999999999', 'MAIL FROM:<a@b.vn>', 'RCPT TO:<x@example.com>'],
          ...[`RCPT TO:<khong.co@${domain}>`, `RCPT TO:<${ha}>`, 'RSET', 'DATA', 'QUIT'],
        ],
      ],
    ] as const) {
      await using talk = await Talk.open(port)
      expect(await talk.say(`${hello} x`)).to.match(/^250[ -]ENHANCEDSTATUSCODES\r?$/m)
      for (const line of lines) expect(await talk.say(line), `${hello}: ${line}`).to.match(coded)
    }
    await using talk = await Talk.open(lmtp.port)
    await talk.say('LHLO x')
    expect(await talk.mail('a@b.vn', [ha], letter('a@b.vn', ha))).to.match(/^250 2\.1\.5 D/)
  })
})
