/** AUTHENTICATE with every mechanism, spoken by programs written elsewhere. */
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect as connectSecured } from 'node:tls'
import { expect } from 'chai'
import { ImapFlow } from 'imapflow'
import { installed, run } from '#test/programs.ts'
import { ScramClient } from '../accounts/sasl/scramclient.ts'
import { an, Client, type Fixture, ha, mail, password, startFixture } from './fixture.ts'

const b64 = (text: string) => Buffer.from(text).toString('base64')

describe('IMAP: SASL', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture()
  })
  after(() => f[Symbol.asyncDispose]())

  /** One exchange, answered by `respond`; the tagged line. */
  async function authenticate(client: Client, line: string, respond: (challenge: Buffer) => string): Promise<string> {
    client.write(`a AUTHENTICATE ${line}\r\n`)
    for (;;) {
      const answer = await client.until('\r\n')
      if (!answer.startsWith('+ ')) return answer
      client.write(`${respond(Buffer.from(answer.slice(2), 'base64'))}\r\n`)
    }
  }
  async function secured(): Promise<Client> {
    const socket = connectSecured({ port: f.imap.ports.imaps!, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const client = new Client(socket)
    await client.until('\r\n')
    return client
  }
  const scramOf = (client: ScramClient, plus = '') => {
    let step = 0
    return {
      line: `SCRAM-SHA-256${plus} ${b64(client.first())}`,
      respond: (challenge: Buffer) => (step++ === 0 ? b64(client.final(challenge)) : ''),
    }
  }

  it('lists -PLUS under TLS alone, and nothing before it where others could listen', async () => {
    const client = await f.connect()
    const before = await client.ok('CAPABILITY')
    expect(before).to.match(/AUTH=SCRAM-SHA-256 AUTH=OAUTHBEARER AUTH=XOAUTH2 AUTH=PLAIN AUTH=LOGIN/)
    expect(before).not.to.contain('PLUS ')
    await client.ok('STARTTLS')
    await client.secure()
    expect(await client.ok('CAPABILITY')).to.contain('AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 ')
  })

  it('binds to the connection: tls-exporter after STARTTLS and tls-server-end-point on 993', async () => {
    const client = await f.connect()
    await client.ok('STARTTLS')
    await client.secure()
    const { socket } = client
    if (!('exportKeyingMaterial' in socket)) throw new Error('not TLS')
    const exporter = (socket as ReturnType<typeof connectSecured>).exportKeyingMaterial(
      32,
      'EXPORTER-Channel-Binding',
      Buffer.alloc(0),
    )
    const bound = scramOf(new ScramClient(an, password, { flag: 'p=tls-exporter', binding: exporter }), '-PLUS')
    expect(await authenticate(client, bound.line, bound.respond)).to.match(/^a OK /)

    const other = await secured()
    const replayed = scramOf(new ScramClient(an, password, { flag: 'p=tls-exporter', binding: exporter }), '-PLUS')
    expect(await authenticate(other, replayed.line, replayed.respond)).to.match(/^a NO \[AUTHENTICATIONFAILED\]/)
    const certificate = createHash('sha256').update(new X509Certificate(f.tls.cert).raw).digest()
    const endPoint = scramOf(
      new ScramClient(an, password, { flag: 'p=tls-server-end-point', binding: certificate }),
      '-PLUS',
    )
    expect(await authenticate(other, endPoint.line, endPoint.respond)).to.match(/^a OK /)
    other.destroy()
  })

  it('answers syntax with BAD, and stays usable after a cancelled exchange', async () => {
    const client = await f.connect()
    expect(await client.command('AUTHENTICATE SCRAM-SHA-256 !!!')).to.match(/^BAD /)
    expect(await client.command(`AUTHENTICATE SCRAM-SHA-256 ${b64('n,,n=a').slice(0, -1)}`)).to.match(/^BAD /)
    expect(await client.command('AUTHENTICATE SCRAM-SHA-256-PLUS')).to.match(/^NO \[CANNOT\]/)
    expect(await client.command('AUTHENTICATE CRAM-MD5')).to.match(/^NO \[CANNOT\]/)
    expect(await authenticate(client, 'SCRAM-SHA-256', () => '*')).to.match(/^a BAD .*cancelled/)
    expect(await authenticate(client, `LOGIN ${b64(an)}`, () => '*')).to.match(/^a BAD .*cancelled/)
    // the server has proven itself; a client that goes on talking has not understood
    const chatty = new ScramClient(an, password)
    let step = 0
    expect(
      await authenticate(client, `scram-sha-256 ${b64(chatty.first())}`, (challenge) =>
        step++ === 0 ? b64(chatty.final(challenge)) : b64('more'),
      ),
    ).to.match(/^a BAD /)
    const right = scramOf(new ScramClient(an, password))
    expect(await authenticate(client, right.line, right.respond)).to.match(/^a OK \[CAPABILITY /)
  })

  it('an app password opens IMAP and one for sending does not, and revoking ends the session', async () => {
    const { password: app, row } = await f.accounts.addAppPassword({ address: ha, name: 'Máy bàn', scopes: ['imap'] })
    const client = await f.connect()
    await client.ok(`LOGIN ${ha} ${app}`)
    const [listed] = f.accounts.appPasswordsOf(ha)
    expect(listed!.used).to.include({ ip: '127.0.0.1', scope: 'imap' })
    f.accounts.revokeAppPassword(ha, row.id)
    await f.imap.sweep()
    expect(await client.untilClosed()).to.match(/^\* BYE /m)
    const { password: sending } = await f.accounts.addAppPassword({ address: ha, name: 'Máy quét', scopes: ['smtp'] })
    const refused = await (await f.connect()).command(`LOGIN ${ha} ${sending}`)
    expect(Buffer.from(refused, 'latin1').toString()).to.match(
      /^NO \[AUTHORIZATIONFAILED\] Mật khẩu ứng dụng này không dùng được cho IMAP/,
    )
  })

  it('imapflow with an access token', async () => {
    const { token } = f.accounts.issueToken(f.id(an))
    const client = new ImapFlow({
      host: 'localhost',
      port: f.imap.ports.imaps!,
      secure: true,
      auth: { user: an, accessToken: token },
      tls: { ca: [f.tls.cert] },
      logger: false,
    })
    await client.connect()
    expect((await client.list()).map(({ path }) => path)).to.include('INBOX')
    await client.logout()
    const late = new ImapFlow({
      host: 'localhost',
      port: f.imap.ports.imaps!,
      secure: true,
      auth: { user: an, accessToken: `cs_${'A'.repeat(43)}` },
      tls: { ca: [f.tls.cert] },
      logger: false,
    })
    const error = await late.connect().then(
      () => undefined,
      (err: { oauthError?: { status?: string } }) => err,
    )
    expect(error?.oauthError?.status).to.equal('invalid_token')
  })

  it('curl by PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER', async function () {
    if (!installed('curl')) return this.skip()
    const { token } = f.accounts.issueToken(f.id(an))
    const curl = (mechanism: string, ...secret: string[]) =>
      run('curl', [
        ...['-sS', '--insecure', '--max-time', '20', '--login-options', `AUTH=${mechanism}`, ...secret],
        `imaps://127.0.0.1:${f.imap.ports.imaps}`,
      ])
    for (const mechanism of ['PLAIN', 'LOGIN'])
      expect((await curl(mechanism, '--user', `${an}:${password}`)).stdout).to.contain('INBOX')
    for (const mechanism of ['XOAUTH2', 'OAUTHBEARER']) {
      expect((await curl(mechanism, '--user', an, '--oauth2-bearer', token)).stdout).to.contain('INBOX')
      const wrong = await curl(mechanism, '--user', an, '--oauth2-bearer', 'cs_wrong').catch(
        (err: { code: number }) => err,
      )
      expect(wrong).to.have.property('code', 67) // CURLE_LOGIN_DENIED
    }
  })

  it('GNU SASL by SCRAM-SHA-256 with and without binding, password and app password', async function () {
    if (!installed('gsasl')) return this.skip()
    const ca = join(f.dir, 'ca.pem')
    writeFileSync(ca, f.tls.cert)
    const { password: app } = await f.accounts.addAppPassword({ address: an, name: 'gsasl', scopes: ['imap'] })
    const gsasl = (mechanism: string, secret: string) => {
      const child = run('gsasl', [
        ...['--imap', `--connect=localhost:${f.imap.ports.imap}`, `--mechanism=${mechanism}`, '--verbose'],
        ...[`--authentication-id=${an}`, `--password=${secret}`, `--x509-ca-file=${ca}`],
        // it will not speak the unbound form where it knows a binding, unless told
        ...(mechanism.endsWith('-PLUS') ? [] : ['--no-cb']),
      ])
      child.child.stdin!.end()
      return child.then(
        ({ stdout, stderr }) => stdout + stderr,
        (err: { stdout: string; stderr: string }) => `failed: ${err.stdout}${err.stderr}`,
      )
    }
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS', 'PLAIN', 'LOGIN'])
      for (const secret of [password, password.normalize('NFD'), app]) {
        const said = await gsasl(mechanism, secret)
        expect(said, mechanism)
          .to.match(/OK \[CAPABILITY/)
          .and.not.match(/^failed/)
      }
    expect(await gsasl('SCRAM-SHA-256', 'sai')).to.match(/^failed/)
  })

  it('mbsync by SCRAM-SHA-256 of Cyrus SASL', async function () {
    if (!installed('mbsync')) return this.skip()
    const dir = join(f.dir, 'mbsync')
    mkdirSync(join(dir, 'mail'), { recursive: true })
    writeFileSync(join(dir, 'cert.pem'), f.tls.cert)
    const rc = (secret: string) =>
      `IMAPAccount s\nHost localhost\nPort ${f.imap.ports.imaps}\nUser ${an}\nPass "${secret}"\nSSLType IMAPS\nCertificateFile ${dir}/cert.pem\nAuthMechs SCRAM-SHA-256\n\nIMAPStore far\nAccount s\n\nMaildirStore near\nPath ${dir}/mail/\nInbox ${dir}/mail/INBOX\n\nChannel c\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n`
    await f.deliver(an, mail('Qua Cyrus'))
    writeFileSync(join(dir, 'rc'), rc(password))
    const right = await run('mbsync', ['-c', join(dir, 'rc'), '-a']).catch((err: { stderr: string }) => err)
    if (/SASL\(-4\)/.test(right.stderr)) return this.skip() // SASL_NOMECH: libsasl2-modules is not there
    expect(readdirSync(join(dir, 'mail/INBOX/new')), right.stderr).to.have.length(1)
    writeFileSync(join(dir, 'wrong'), rc('sai mật khẩu'))
    const wrong = await run('mbsync', ['-c', join(dir, 'wrong'), '-a']).catch((err: { stderr: string }) => err)
    expect(wrong.stderr).to.match(/authenticat|AUTHENTICATE/i)
  })

  it("Python's imaplib by SCRAM-SHA-256", async function () {
    if (!installed('python3')) return this.skip()
    const python = `
import imaplib, ssl, os, hmac, hashlib, base64
name, password = ${JSON.stringify(an)}, ${JSON.stringify(password)}
bare = 'n=%s,r=%s' % (name, base64.b64encode(os.urandom(18)).decode())
state = []
def mac(k, m): return hmac.new(k, m, hashlib.sha256).digest()
def scram(challenge):
    if not state: state.append(1); return ('n,,' + bare).encode()
    if len(state) == 1:
        first = challenge.decode(); part = dict(p.split('=', 1) for p in first.split(','))
        salted = hashlib.pbkdf2_hmac('sha256', password.encode(), base64.b64decode(part['s']), int(part['i']))
        key = mac(salted, b'Client Key'); without = 'c=biws,r=' + part['r']
        message = (bare + ',' + first + ',' + without).encode()
        proof = bytes(a ^ b for a, b in zip(key, mac(hashlib.sha256(key).digest(), message)))
        state.append(base64.b64encode(mac(mac(salted, b'Server Key'), message)).decode())
        return (without + ',p=' + base64.b64encode(proof).decode()).encode()
    assert challenge.decode() == 'v=' + state[1]
    return b''
m = imaplib.IMAP4_SSL('127.0.0.1', ${f.imap.ports.imaps}, ssl_context=ssl._create_unverified_context())
print(m.authenticate('SCRAM-SHA-256', scram)[0], m.select('INBOX')[0])
`
    expect((await run('python3', ['-c', python])).stdout.trim()).to.equal('OK OK')
  })
})
