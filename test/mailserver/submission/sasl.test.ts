/** AUTH with every mechanism, spoken by programs written elsewhere; smtp-server's own parser answers nothing of it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createTransport } from 'nodemailer'
import { type Submission, startSubmission } from '#mailserver/submission/start.ts'
import { run } from '#test/programs.ts'
import { ScramClient } from '../accounts/sasl/scramclient.ts'
import { an, type Ground, ha, letter, openGround, password, settings, Talk } from './fixture.ts'

const b64 = (text: string) => Buffer.from(text).toString('base64')

describe('submission: SASL', () => {
  let ground: Ground
  let submission: Submission
  before(async () => {
    ground = await openGround()
    const { accounts, store, filters, tls } = ground
    submission = await startSubmission({
      settings,
      accounts,
      store,
      filters,
      tls,
      ports: { submission: 0, submissions: 0 },
    })
  })
  after(async () => {
    await submission[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })
  const open = async () => {
    const talk = await Talk.open(submission.ports.submission)
    const hello = await talk.say('EHLO may.tinh')
    return { talk, hello }
  }

  it('lists its mechanisms, none of them bound to the connection', async () => {
    const { talk, hello } = await open()
    expect(hello).to.match(/^250-AUTH SCRAM-SHA-256 OAUTHBEARER XOAUTH2 PLAIN LOGIN\r$/m)
    talk.socket.destroy()
  })

  it('SCRAM-SHA-256 by hand, and a letter after it', async () => {
    const { talk } = await open()
    const client = new ScramClient(an, password)
    const challenge = await talk.say(`AUTH SCRAM-SHA-256 ${b64(client.first())}`)
    expect(challenge).to.match(/^334 /)
    const proof = await talk.say(b64(client.final(Buffer.from(challenge.slice(4), 'base64'))))
    expect(client.trusts(Buffer.from(proof.slice(4), 'base64').toString())).to.equal(true)
    expect(await talk.say('')).to.match(/^235 2\.7\.0 Signed/)
    expect(await talk.say('AUTH PLAIN')).to.match(/^503 /)
    expect(await talk.mail(an, [ha], letter(an, ha))).to.match(/^250 /)
    talk.socket.destroy()
  })

  const cases: [what: string, lines: string[], want: RegExp][] = [
    ['base64 cut short', ['AUTH PLAIN AGFu'.slice(0, -1)], /^501 /],
    ['what is not base64', ['AUTH PLAIN !!!'], /^501 /],
    ['two initial responses', [`AUTH PLAIN ${b64('\0a\0b')} x`], /^501 /],
    ['an empty initial response', ['AUTH PLAIN ='], /^501 /],
    ['cancelled', ['AUTH PLAIN', '*'], /^501 .*Cancelled/],
    ['LOGIN cancelled at the password', ['AUTH LOGIN', b64(an), '*'], /^501 .*Cancelled/],
    // smtp-server wants a sign-in before MAIL wherever it stands
    ['a command in the place of a response', ['AUTH LOGIN', b64(an), 'MAIL FROM:<a@b.vn>'], /^530 /],
    ['a mechanism that is not there', ['AUTH GSSAPI'], /^504 /],
    ['-PLUS', ['AUTH SCRAM-SHA-256-PLUS'], /^504 /],
    ['a name with a line end in it', [`AUTH PLAIN ${b64('\0a\r\nb\0c')}`], /^535 /],
    ['somebody else', [`AUTH PLAIN ${b64(`${ha}\0${an}\0${password}`)}`], /^535 5\.7\.8 nobody signs in/],
    ['wrong password', [`AUTH PLAIN ${b64(`\0${an}\0sai`)}`], /^535 5\.7\.8 Wrong/],
    ['a token that never was', [`AUTH XOAUTH2 ${b64(`user=${an}\x01auth=Bearer cs_x\x01\x01`)}`, ''], /^535 /],
  ]
  for (const [what, lines, want] of cases)
    it(`answers ${what}, and goes on`, async () => {
      const { talk } = await open()
      let reply = ''
      for (const line of lines) reply = await talk.say(line)
      expect(reply).to.match(want)
      expect(await talk.say('NOOP')).to.match(/^250 /)
      expect(await talk.say(`AUTH PLAIN ${b64(`\0${an}\0${password}`)}`)).to.match(/^235 /)
      talk.socket.destroy()
    })

  it('hangs up on whoever tries again and again', async () => {
    const { talk } = await open()
    const replies: string[] = []
    for (let i = 0; i < 5; i++)
      replies.push(
        (await talk.say(`AUTH XOAUTH2 ${b64(`user=${an}\x01auth=Bearer cs_${i}\x01\x01`)}`)) && (await talk.say('')),
      )
    expect(replies.map((r) => r.slice(0, 3))).to.deep.equal(['535', '535', '535', '535', '421'])
    expect(await talk.reply()).to.equal('')
  })

  it('takes an app password for sending, and no other', async () => {
    const { accounts } = ground
    const sending = await accounts.addAppPassword({ address: an, name: 'Máy quét', scopes: ['smtp'] })
    const reading = await accounts.addAppPassword({ address: an, name: 'Điện thoại', scopes: ['imap'] })
    const { talk } = await open()
    expect(await talk.say(`AUTH PLAIN ${b64(`\0${an}\0${reading.password}`)}`)).to.match(
      /^535 5\.7\.8 this app password is not for smtp \/ Mat khau ung dung nay khong dung duoc cho SMTP/,
    )
    expect(
      await talk.say(`AUTH PLAIN ${b64(`\0${an}\0${sending.password.toUpperCase().replaceAll('-', ' ')}`)}`),
    ).to.match(/^235 /)
    accounts.revokeAppPassword(an, sending.row.id)
    expect(await talk.say(`MAIL FROM:<${an}>`)).to.match(/^530 /)
    talk.socket.destroy()
  })

  it('nodemailer with XOAUTH2 over STARTTLS', async () => {
    const { token } = ground.accounts.issueToken(ground.id(an))
    const transport = createTransport({
      host: 'localhost',
      port: submission.ports.submission,
      requireTLS: true,
      tls: { ca: [ground.ca] },
      auth: { type: 'OAuth2', user: an, accessToken: token },
    })
    const { accepted } = await transport.sendMail({ from: an, to: ha, subject: 'Thử', text: 'Kính gửi.' })
    expect(accepted).to.deep.equal([ha])
    transport.close()
  })

  it('curl by OAUTHBEARER and XOAUTH2; GNU SASL by SCRAM-SHA-256', async () => {
    const { token } = ground.accounts.issueToken(ground.id(an))
    const file = join(ground.dir, 'thu.eml')
    writeFileSync(file, letter(an, ha))
    for (const mechanism of ['OAUTHBEARER', 'XOAUTH2'])
      await run('curl', [
        ...['-sS', '--insecure', '--max-time', '20', '--login-options', `AUTH=${mechanism}`, '--user', an],
        ...['--oauth2-bearer', token, '--mail-from', an, '--mail-rcpt', ha, '--upload-file', file],
        `smtps://127.0.0.1:${submission.ports.submissions}`,
      ])
    const ca = join(ground.dir, 'ca.pem')
    writeFileSync(ca, ground.ca)
    for (const mechanism of ['SCRAM-SHA-256', 'PLAIN']) {
      const child = run('gsasl', [
        ...['--smtp', `--connect=localhost:${submission.ports.submission}`, `--mechanism=${mechanism}`],
        ...[`--authentication-id=${an}`, `--password=${password}`, `--x509-ca-file=${ca}`, '--verbose', '--no-cb'],
      ])
      child.child.stdin!.end()
      const { stdout } = await child
      expect(stdout).to.match(/^235 /m)
    }
  })

  it('mutt, which takes the strongest of what is listed', async () => {
    const rc = join(ground.dir, 'muttrc')
    const cert = join(ground.dir, 'mutt.pem')
    writeFileSync(cert, ground.ca)
    const user = encodeURIComponent(an)
    const lines = [
      `set smtp_url="smtps://${user}@localhost:${submission.ports.submissions}"`,
      `set smtp_pass="${password}"`,
      `set certificate_file=${cert}`,
      `set from=${an} use_envelope_from=yes copy=no sendmail_wait=0`,
      '',
    ]
    writeFileSync(rc, lines.join('\n'))
    const child = run('mutt', ['-F', rc, '-s', 'Qua mutt', '--', ha], {
      env: { ...process.env, HOME: ground.dir, LC_ALL: 'C.UTF-8', TERM: 'xterm' },
      timeout: 20_000,
    })
    child.child.stdin!.end('Kính gửi đồng chí.\n')
    await child
    expect(ground.inbox(ha).filter((m) => m.includes('Qua mutt'))).to.have.length(1)
  }).timeout(30_000)
})
