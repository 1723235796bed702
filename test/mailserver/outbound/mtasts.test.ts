/** MTA-STS of other domains (RFC 8461): the policy by our own name server and HTTPS, the letter by TLS to a server of ours. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import https from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectSecured, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect } from 'chai'
import type { Answer } from 'dns-packet'
import { loadSettings, type Settings } from '#config/settings.ts'
import { type World, worldOf } from '#mailserver/outbound/routes.ts'
import { Policies } from '#mailserver/outbound/store/stspolicies.ts'
import { Authority, type Made } from './support/certificates.ts'
import { sendLetter } from './support/letter.ts'
import { startNames } from './support/names.ts'
import { startServer } from './support/server.ts'

const mx = 'mx.ban.example'
const policy = (mode: string, allowed = mx) => `version: STSv1\r\nmode: ${mode}\r\nmx: ${allowed}\r\nmax_age: 86400\r\n`

describe('MTA-STS', function () {
  this.timeout(60_000)
  const authority = new Authority('Cơ quan chứng thực thử')
  const good = authority.issue(mx)
  const other = authority.issue('other.example')
  const page = authority.issue('mta-sts.ban.example')
  const settings = {
    ...loadSettings({}, {}).settings,
    mode: 'production' as const,
    hostname: 'mail.haiduong.gov.vn',
  } as Settings
  const before_ = { ca: getCACertificates('default'), agent: https.globalAgent }
  let text: string | undefined
  let web: https.Server

  before(async () => {
    setDefaultCACertificates([...before_.ca, authority.own.cert])
    web = https.createServer({ key: page.key, cert: page.cert }, (request, response) => {
      const found =
        request.url === '/.well-known/mta-sts.txt' && request.headers.host === 'mta-sts.ban.example' ? text : undefined
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(found)
    })
    await once(web.listen(0, '127.0.0.1'), 'listening')
    const { port } = web.address() as AddressInfo
    // the library asks port 443, which is not everybody's to listen on
    https.globalAgent = new (class extends https.Agent {
      override createConnection({ servername }: { servername?: string }) {
        return connectSecured({ socket: connect(port, '127.0.0.1'), ...(servername ? { servername } : {}) })
      }
    })()
  })
  after(() => {
    setDefaultCACertificates(before_.ca)
    https.globalAgent = before_.agent
    web?.close()
    authority[Symbol.dispose]()
  })

  /** One letter to ban.example. `record`: whether the name server tells of the policy */
  async function send(made: Made | undefined, { record = true, policies = new Policies() } = {}) {
    await using server = await startServer(made)
    const records: Record<string, readonly Answer[]> = {
      'ban.example MX': [{ type: 'MX', name: 'ban.example', data: { preference: 10, exchange: mx } }],
      [`${mx} A`]: [{ type: 'A', name: mx, data: '127.0.0.1' }],
      'mta-sts.ban.example A': [{ type: 'A', name: 'mta-sts.ban.example', data: '127.0.0.1' }],
      ...(record
        ? {
            '_mta-sts.ban.example TXT': [
              { type: 'TXT' as const, name: '_mta-sts.ban.example', data: 'v=STSv1; id=20261125;' },
            ],
          }
        : {}),
    }
    await using names = await startNames({ secure: () => false, records })
    const given = { ...settings, dnsServers: names.address }
    const world: World = { ...worldOf(given), port: server.port, blockLocal: false, policies }
    try {
      const answer = await sendLetter(given, world)
      return answer.ok ? server.seen[0] : answer.reply
    } catch (err) {
      const { message, responseCode } = err as { message: string; responseCode?: number }
      return `waits${responseCode ?? ''}: ${message}`
    }
  }

  const cases: [what: string, text: string | undefined, made: Made | undefined, became: RegExp][] = [
    ['enforced, and the server is the one', policy('enforce'), good, /^with TLS$/],
    ['enforced for all of a domain', policy('enforce', '*.ban.example'), good, /^with TLS$/],
    [
      'enforced, and the certificate is another’s',
      policy('enforce'),
      other,
      /^waits: 4\.7\.5 TLS is demanded.*altnames/i,
    ],
    ['enforced, and the server has no TLS', policy('enforce'), undefined, /^waits: 4\.7\.5 TLS is demanded/],
    [
      'enforced, and the server is not in it',
      policy('enforce', 'mx.other.example'),
      good,
      /^waits: MTA-STS policy check failed/,
    ],
    ['in test, and the server has no TLS', policy('testing'), undefined, /^in the clear$/],
    ['none', policy('none'), undefined, /^in the clear$/],
    ['not to be read', 'x', undefined, /^in the clear$/],
    ['not there', undefined, undefined, /^in the clear$/],
  ]
  for (const [what, said, made, became] of cases)
    it(`a policy that is ${what}`, async () => {
      text = said
      expect(await send(made)).to.match(became)
    })

  it('holds until its end, whoever hides its record or its page (§5.1)', async () => {
    const policies = new Policies()
    text = policy('enforce')
    expect(await send(good, { policies })).to.equal('with TLS')
    expect(await send(undefined, { policies, record: false }), 'record hidden').to.match(/^waits/)
    text = undefined
    expect(await send(undefined, { policies }), 'page hidden').to.match(/^waits/)
    expect(await send(other, { policies, record: false }), 'another server').to.match(/^waits/)
    const later = Date.now() + 86_400_000 + 1000
    expect(policies.of('ban.example')?.mode).to.equal('enforce')
    expect(policies.of('ban.example', later)).to.equal(undefined)
  })

  it('holds over a restart, a kill included (§3.3)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'congso-policies-'))
    const file = join(folder, 'policies.sqlite')
    try {
      text = policy('enforce')
      const policies = new Policies(file)
      expect(await send(good, { policies })).to.equal('with TLS')
      text = undefined
      // the first is not closed: what a kill leaves
      using again = new Policies(file)
      expect(await send(undefined, { policies: again, record: false }), 'record hidden').to.match(/^waits/)
      expect(await send(good, { policies: again, record: false })).to.equal('with TLS')
      policies[Symbol.dispose]()
      using later = new Policies(file, Date.now() + 86_400_000 + 1000)
      expect(later.of('ban.example', Date.now()), 'forgotten after its end').to.equal(undefined)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('is renewed by what is heard, and by nothing that fails', () => {
    using policies = new Policies()
    const at = Date.now()
    const given = { id: 'x', mode: 'enforce', mx: [mx], maxAge: 86_400 }
    const holds = (now: number) => policies.of('ban.example', now)?.mode
    policies.learn('ban.example', given, at)
    policies.learn('ban.example', { ...given, error: new Error('no page') }, at + 80_000_000)
    policies.learn('ban.example', undefined, at + 80_000_000)
    expect(holds(at + 86_399_000)).to.equal('enforce')
    expect(holds(at + 86_401_000)).to.equal(undefined)
    policies.learn('ban.example', given, at + 80_000_000)
    expect(holds(at + 86_401_000)).to.equal('enforce')
    policies.learn('ban.example', { ...given, id: 'y', mode: 'none' }, at + 80_000_001)
    expect(holds(at + 86_401_000)).to.equal('none')
    policies.learn('ban.example', { ...given, id: 'z', maxAge: 1e12 }, at)
    expect(holds(at + 31_557_600_001)).to.equal(undefined)
  })

  it('are remembered within bounds', () => {
    using policies = new Policies()
    for (let n = 0; n < 11_000; n++)
      policies.learn(`d${n}.example`, { id: 'x', mode: 'enforce', mx: [], maxAge: 100 + n })
    expect(policies.of('d0.example')).to.equal(undefined)
    expect(policies.of('d10999.example')?.mode).to.equal('enforce')
  })
})
