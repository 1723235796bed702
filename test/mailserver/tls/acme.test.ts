/** Certificates from a real ACME authority, served by every listener, renewed under open connections. */
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect } from 'chai'
import { loadSettings, paths, ports, type Settings } from '#config/settings.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { startEdge } from '#mailserver/edge/start.ts'
import { startMailserver } from '#mailserver/start.ts'
import { Challenges } from '#mailserver/tls/challenge.ts'
import { Keeper } from '#mailserver/tls/keeper.ts'
import { freePortBase } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { Client } from '../imap/fixture.ts'
import { type Authority, haveAuthority, startAuthority } from './pebble.ts'

const hostname = 'mail.haiduong.gov.vn'
const second = 'thu.haiduong.gov.vn'
const person = 'an.nguyen@haiduong.gov.vn'
const password = 'mật khẩu dài 1'

/** What openssl says to a listener. */
function openssl(port: number, args: readonly string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], (error, out, err) =>
      resolve({ code: error ? 1 : 0, said: out + err }),
    )
    child.stdin!.end()
  })
}
const pemOf = (said: string) => /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(said)?.[0]
const serialOf = (said: string) => new X509Certificate(pemOf(said) ?? said).serialNumber

describe('ACME', function () {
  this.timeout(120_000)
  let authority: Authority
  let data: string
  let settings: Settings
  before(async function () {
    if (!haveAuthority()) this.skip()
    authority = await startAuthority()
  })
  after(() => authority?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'congso-acme-'))
    const more = { data, portBase: String(await freePortBase()), rspamd: 'off', hostname, imapThreads: '2' }
    settings = acme(more)
  })
  afterEach(() => rmSync(data, { recursive: true, force: true }))

  const acme = (more: Record<string, string>): Settings =>
    loadSettings(
      {
        tls: 'acme',
        acmeDirectory: authority.directory,
        acmeCa: authority.ca,
        acmePort: String(authority.httpPort),
        acmeContact: 'quantri@haiduong.gov.vn',
        ...more,
      },
      {},
    ).settings

  it('every listener serves the certificate for the name asked, and the new one after a renewal, while connections go on', async () => {
    settings = { ...settings, tlsNames: second }
    await using _mail = await startMailserver({ settings })
    await using _edge = await startEdge({ settings })
    const at = paths(data)
    using directory = createDirectory({
      socket: at.control,
      process: 'cli',
      secret: readFileSync(at.secret('cli'), 'utf8').trim(),
    })
    await directory['domain.add']({ domain: 'haiduong.gov.vn' })
    await directory['account.add']({ address: person, name: 'Nguyễn An', password })
    const served = async () =>
      Object.fromEntries((await directory['tls.status']({})).certificates.map((each) => [each.name, each]))
    await until('both certificates', async () => Object.values(await served()).every(({ origin }) => origin === 'acme'))

    const root = join(data, 'root.pem')
    writeFileSync(root, await authority.root())
    const p = ports(settings.portBase)
    const listeners: [port: number, how: string[]][] = [
      [p.imaps, []],
      [p.pop3s, []],
      [p.submissions, []],
      [p.imap, ['-starttls', 'imap']],
      [p.pop3, ['-starttls', 'pop3']],
      [p.sieve, ['-starttls', 'sieve']],
      [p.submission, ['-starttls', 'smtp']],
      [p.smtp, ['-starttls', 'smtp']],
    ]
    /** Each listener, by each name and without one: the right certificate, with its chain up to the authority's root. */
    const mustServe = async (serials: Record<string, string>) => {
      for (const [port, how] of listeners)
        for (const name of [hostname, second, undefined]) {
          const ask = [...how, '-CAfile', root, '-verify_return_error', '-showcerts']
          const names = name ? ['-servername', name, '-verify_hostname', name] : ['-noservername']
          await until(`${name} on ${port} with ${how.join(' ')}`, async () => {
            const { code, said } = await openssl(port, [...ask, ...names])
            return code === 0 && serialOf(said) === serials[name ?? hostname]
          })
        }
    }
    const serials = async () =>
      Object.fromEntries(Object.entries(await served()).map(([name, { serial }]) => [name, serial]))
    const first = await serials()
    expect(first[hostname]).not.to.equal(first[second])
    await mustServe(first)

    for (const [port, how] of listeners) {
      const old = await openssl(port, [...how, '-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'])
      expect(old.said, `TLS 1.1 on ${port}`).to.match(/alert protocol version|unsupported protocol|wrong version/)
      const twelve = await openssl(port, [...how, '-tls1_2', '-CAfile', root, '-verify_return_error'])
      expect(twelve.said, `TLS 1.2 on ${port}`).to.contain('Protocol  : TLSv1.2')
    }

    const idle = new Client(connect({ port: p.imaps, host: '127.0.0.1', servername: second, ca: readFileSync(root) }))
    await idle.until('\r\n')
    await idle.ok(`LOGIN ${person} "${password}"`)
    await idle.ok('SELECT INBOX')
    idle.write('i IDLE\r\n')
    await idle.until('+ idling')

    const renewed = await directory['tls.renew']({})
    expect(renewed.certificates.map(({ lastError }) => lastError)).to.deep.equal([undefined, undefined])
    const next = await serials()
    for (const name of [hostname, second]) expect(next[name]).not.to.equal(first[name])
    await mustServe(next)
    // the connection from before goes on with the old one
    const other = new Client(
      connect({ port: p.imaps, host: '127.0.0.1', servername: hostname, ca: readFileSync(root) }),
    )
    await other.until('\r\n')
    await other.ok(`LOGIN ${person} "${password}"`)
    await other.append('INBOX', 'Subject: sau khi gia hạn\r\n\r\nx\r\n')
    await idle.until('* 1 EXISTS')
    idle.write('DONE\r\n')
    await idle.until('i OK')
    idle.destroy()
    other.destroy()

    const accounts = readdirSync(join(at.tls, 'acme'))
    expect(accounts, 'one account for all orders').to.have.length(1)
  })

  it('starts with its own certificate when the authority is down, tries again later, and says so when it gets urgent', async () => {
    const said: (string | undefined)[] = []
    const nowhere = { ...settings, acmeDirectory: 'https://127.0.0.1:1/dir' }
    await using keeper = new Keeper({ settings: nowhere, folder: join(data, 'tls'), warn: (text) => said.push(text) })
    const first = keeper.pairs
    await keeper.look()
    expect(keeper.pairs).to.equal(first)
    const [{ origin, lastError }] = keeper.status() as [ReturnType<Keeper['status']>[0]]
    expect(origin).to.equal('self-signed')
    expect(lastError).to.match(/ECONNREFUSED/)
    await keeper.renew().then(
      () => expect.fail('renewed'),
      (err: Error) => expect(err.message).to.match(/ECONNREFUSED/),
    )
    await keeper.look(Date.now() + 790 * 86_400_000)
    expect(said.at(-1)).to.match(/hết hạn sau \d+ ngày\. Lần gia hạn gần nhất: .*ECONNREFUSED/)
  })

  it('is refused for a name whose challenge nobody answers, keeps what it has, and does not ask again at once', async () => {
    const closed = { ...settings, acmePort: settings.portBase + 79 } // the authority looks elsewhere
    await using keeper = new Keeper({ settings: closed, folder: join(data, 'tls') })
    const now = Date.now()
    await keeper.look(now)
    const [{ origin, lastError }] = keeper.status() as [ReturnType<Keeper['status']>[0]]
    expect(origin).to.equal('self-signed')
    expect(lastError).to.match(/connection refused|Connection refused|urn:ietf:params:acme:error:connection/)
    await using _open = await Challenges.listen({ host: '127.0.0.1', port: closed.acmePort })
    await keeper.look(now + 60_000) // an order now would find its port taken, and say that instead
    expect(keeper.status()[0]!.lastError).to.equal(lastError)
    await keeper.look(now + 301_000)
    expect(keeper.status()[0]!.lastError).to.match(/EADDRINUSE/)
  })

  it('renews at two thirds of the lifetime, not before, and goes on after a restart', async () => {
    const folder = join(data, 'tls')
    const open = () => new Keeper({ settings, folder })
    await using keeper = open()
    await keeper.look()
    const first = keeper.pairs[0]!.cert
    expect(keeper.status()[0]!.origin).to.equal('acme')
    expect(keeper.status()[0]!.issuer).to.contain('Pebble')
    await keeper.look(Date.now() + 59 * 86_400_000)
    expect(keeper.pairs[0]!.cert).to.equal(first)
    await using again = open()
    expect(again.pairs[0]!.cert).to.equal(first)
    await again.look(Date.now() + 61 * 86_400_000)
    expect(again.status()[0]!.lastError, 'the renewal').to.equal(undefined)
    expect(again.pairs[0]!.cert).not.to.equal(first)
    await keeper.look() // another process renewed it: taken over from the files
    expect(keeper.pairs[0]!.cert).to.equal(again.pairs[0]!.cert)
  })
})

describe('HTTP-01', () => {
  const ask = (port: number, path: string, method = 'GET') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, method, agent: false }, async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve({ status: response.statusCode!, text })
      }).on('error', reject)
    })

  it('answers the challenges that are open, and nothing else, and only while it is needed', async () => {
    const challenges = await Challenges.listen({ host: '127.0.0.1', port: 0 })
    const { port } = challenges
    challenges.add('abc-_1', 'abc-_1.thumb')
    const base = '/.well-known/acme-challenge/'
    expect(await ask(port, `${base}abc-_1`)).to.deep.equal({ status: 200, text: 'abc-_1.thumb' })
    for (const path of [`${base}other`, base, '/', `${base}../abc-_1`, `${base}abc-_1/`, `${base}${'a'.repeat(4000)}`])
      expect((await ask(port, path)).status, path).to.equal(404)
    expect((await ask(port, `${base}abc-_1`, 'POST')).status).to.equal(404)
    challenges.remove('abc-_1')
    expect((await ask(port, `${base}abc-_1`)).status).to.equal(404)
    await challenges[Symbol.asyncDispose]()
    await ask(port, base).then(
      () => expect.fail('answered'),
      (err: NodeJS.ErrnoException) => expect(err.code).to.equal('ECONNREFUSED'),
    )
  })
})
