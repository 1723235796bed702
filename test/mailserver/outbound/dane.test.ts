/** DANE against a server with real TLS, a name server of our own, and OpenSSL's own opinion of the same records. */
import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Answer } from 'dns-packet'
import { SMTPServer } from 'smtp-server'
import { loadSettings, type Settings } from '#config/settings.ts'
import { Delivery } from '#kit/mail/deliver.ts'
import { place } from '#mailserver/outbound/dane/ask.ts'
import { daneFault } from '#mailserver/outbound/dane/match.ts'
import { serversOf, trusted } from '#mailserver/outbound/dane/trusted.ts'
import { routeTo, type World, worldOf } from '#mailserver/outbound/routes.ts'
import { Authority, type Made } from './support/certificates.ts'
import { sendLetter } from './support/letter.ts'
import { startNames, type Zone } from './support/names.ts'
import { startServer } from './support/server.ts'

const mx = 'mx.ban.example'
type Rdata = readonly [usage: number, selector: number, matchingType: number, data: Buffer]

describe('DANE', function () {
  this.timeout(60_000)
  const authority = new Authority('Cơ quan chứng thực thử')
  const good = authority.issue(mx)
  const other = authority.issue('other.example')
  const stranger = new Authority('Stranger')
  after(() => {
    authority[Symbol.dispose]()
    stranger[Symbol.dispose]()
  })

  const x509 = (made: Made) => new X509Certificate(made.cert)
  function data(made: Made, selector: number, matchingType: number): Buffer {
    const what = selector === 0 ? x509(made).raw : x509(made).publicKey.export({ type: 'spki', format: 'der' })
    return matchingType === 0
      ? what
      : createHash(matchingType === 1 ? 'sha256' : 'sha512')
          .update(what)
          .digest()
  }
  const rdata = (usage: number, made: Made, selector = 1, matchingType = 1): Rdata => [
    usage,
    selector,
    matchingType,
    data(made, selector, matchingType),
  ]
  const all = [0, 1].flatMap((selector) => [0, 1, 2].map((matchingType) => [selector, matchingType] as const))
  const broken = (record: Rdata): Rdata => [record[0], record[1], record[2], Buffer.from(record[3]).fill(7, 0, 4)]

  describe('the certificate', () => {
    const cases: [what: string, records: Rdata[], made: Made, chain: Made[]][] = [
      ...all.map(([s, m]): [string, Rdata[], Made, Made[]] => [`3 ${s} ${m}`, [rdata(3, good, s, m)], good, []]),
      ...all.map(([s, m]): [string, Rdata[], Made, Made[]] => [
        `2 ${s} ${m}, anchor sent`,
        [rdata(2, authority.own, s, m)],
        good,
        [authority.own],
      ]),
      ['3 1 1 of another key', [rdata(3, other)], good, []],
      ['3 1 1, the first of two is of another key', [rdata(3, other), rdata(3, good)], good, []],
      ['3 1 1 of a certificate for another name', [rdata(3, other)], other, []],
      ['2 1 1 and a certificate for another name', [rdata(2, authority.own)], other, [authority.own]],
      ['2 1 1 of another authority', [rdata(2, stranger.own)], good, [authority.own]],
      ['2 0 1 of another authority, sent along', [rdata(2, stranger.own, 0)], good, [stranger.own]],
      ['2 1 1, anchor not sent', [rdata(2, authority.own)], good, []],
      ['2 0 0, anchor not sent', [rdata(2, authority.own, 0, 0)], good, []],
      ['2 1 0, anchor not sent', [rdata(2, authority.own, 1, 0)], good, []],
    ]
    for (const [what, records, made, chain] of cases)
      it(`${what}: as OpenSSL says`, async () => {
        await using server = await startServer(made, chain)
        const opinion = await openssl(server.port, records)
        const tlsa = records.map(([usage, selector, matchingType, data]) => ({
          usage,
          selector,
          matchingType,
          data,
          base: mx,
        }))
        const fault = daneFault(tlsa, await chainOf(server.port), [mx], Date.now())
        expect(fault === undefined, `${fault}; OpenSSL: ${opinion}`).to.equal(opinion === 'ok')
      })

    const chain = [good, authority.own].map(x509)
    const fault = (records: readonly Rdata[], now = Date.now()) =>
      daneFault(
        records.map(([usage, selector, matchingType, data]) => ({ usage, selector, matchingType, data, base: mx })),
        chain,
        [],
        now,
      )
    it('of an anchor that has run out is refused, of usage 3 not (RFC 7672 §3.1)', () => {
      const late = Date.now() + 60 * 86_400_000
      expect(fault([rdata(2, authority.own)], late)).to.contain('not in force')
      expect(fault([rdata(3, good)], late)).to.equal(undefined)
    })
    it('is not compared where no record can be used: usages 0 and 1, unknown ones, cut digests', () => {
      const unusable: Rdata[] = [
        rdata(0, other),
        rdata(1, other),
        [3, 1, 1, Buffer.alloc(31)],
        [3, 2, 1, Buffer.alloc(32)],
        [3, 1, 9, Buffer.alloc(32)],
        [3, 1, 0, Buffer.alloc(0)],
      ]
      expect(fault(unusable)).to.equal(undefined)
      expect(fault([...unusable, rdata(3, other)])).to.be.a('string')
    })
    it('is judged by the strongest digest (RFC 7671 §9)', () => {
      expect(fault([rdata(3, good, 1, 1), broken(rdata(3, good, 1, 2))])).to.contain('none of those')
      expect(fault([broken(rdata(3, good, 1, 1)), rdata(3, good, 1, 2)])).to.equal(undefined)
    })
    it('is missing: refused', () =>
      expect(
        daneFault([{ usage: 3, selector: 1, matchingType: 1, data: Buffer.alloc(32), base: mx }], [], [], 0),
      ).to.contain('no certificate'))
  })

  describe('a letter', () => {
    const settings = {
      ...loadSettings({}, {}).settings,
      mode: 'production' as const,
      hostname: 'mail.haiduong.gov.vn',
    } as Settings
    /** @returns what became of one letter to ban.example */
    async function send(
      zone: Partial<Zone> & { tlsa?: readonly Rdata[] },
      made: Made | undefined,
      more: Partial<Settings> = {},
    ) {
      await using server = await startServer(made)
      const a = (name: string): Answer => ({ type: 'A', name, data: '127.0.0.1' })
      await using names = await startNames({
        secure: () => true,
        ...zone,
        records: {
          'ban.example MX': [{ type: 'MX', name: 'ban.example', data: { preference: 10, exchange: mx } }],
          [`${mx} A`]: [a(mx)],
          ...(zone.tlsa
            ? {
                [`_${server.port}._tcp.${mx} TLSA`]: zone.tlsa.map(([usage, selector, matchingType, certificate]) => ({
                  type: 'TLSA' as const,
                  name: `_${server.port}._tcp.${mx}`,
                  data: { usage, selector, matchingType, certificate },
                })),
              }
            : {}),
          ...zone.records,
        },
      })
      const given = { ...settings, dnsServers: names.address, ...more }
      const world: World = { ...worldOf(given), port: server.port, blockLocal: false }
      try {
        const answer = await sendLetter(given, world)
        expect(answer.ok, answer.reply).to.equal(true)
        return { seen: server.seen[0], asked: names.asked }
      } catch (err) {
        expect(server.seen).to.deep.equal([])
        return { err: err as Error & { responseCode?: number }, asked: names.asked }
      }
    }
    const deferred = (sent: Awaited<ReturnType<typeof send>>, why: RegExp) => {
      expect(sent.err?.message).to.match(why)
      expect(sent.err?.responseCode, 'no final answer').to.equal(undefined)
    }

    it('goes to the server whose certificate the signed record names', async () => {
      expect((await send({ tlsa: [rdata(3, good)] }, good)).seen).to.equal('with TLS')
    })
    it('waits where the certificate is another one', async () => {
      deferred(await send({ tlsa: [rdata(3, other)] }, good), /4\.7\.5 DANE: mx\.ban\.example: the certificate is none/)
    })
    it('waits where the server has no TLS', async () => {
      deferred(await send({ tlsa: [rdata(3, good)] }, undefined), /TLS is demanded/)
    })
    it('waits where the records cannot be had, or their signature does not hold', async () => {
      const bogus = (name: string) => name.endsWith(`._tcp.${mx}`)
      deferred(await send({ tlsa: [rdata(3, good)], bogus }, good), /TLSA lookup failed.*SERVFAIL/)
    })
    it('is sent with TLS and any certificate where no record can be used, and waits without TLS', async () => {
      expect((await send({ tlsa: [rdata(1, other)] }, good)).seen).to.equal('with TLS')
      deferred(await send({ tlsa: [rdata(1, other)] }, undefined), /TLS is demanded/)
    })
    it('takes no notice of records that are not signed, nor asks where the address is not', async () => {
      expect((await send({ tlsa: [rdata(3, other)], secure: (name) => !name.startsWith('_') }, good)).seen).to.equal(
        'with TLS',
      )
      const sent = await send({ tlsa: [rdata(3, other)], secure: () => false }, undefined)
      expect(sent.seen).to.equal('in the clear')
      expect(sent.asked.filter((question) => question.includes('TLSA'))).to.deep.equal([])
    })
    it('finds them where the host’s name is an alias, and over TCP when they are long', async () => {
      const records = {
        [`${mx} A`]: [
          { type: 'CNAME' as const, name: mx, data: 'alias.example' },
          { type: 'A' as const, name: 'alias.example', data: '127.0.0.1' },
        ],
      }
      const sent = await send({ tlsa: [rdata(3, good, 0, 0)], records, cut: true }, good)
      expect(sent.seen).to.equal('with TLS')
      expect(sent.asked.some((question) => /^_\d+\._tcp\.alias\.example TLSA over TCP/.test(question))).to.equal(true)
      deferred(await send({ tlsa: [rdata(3, other, 0, 0)], records, cut: true }, good), /DANE/)
    })
    it('goes to the next server when the first is not the one', async () => {
      await using wrong = await startServer(other)
      await using names = await startNames({
        secure: () => true,
        records: {
          'ban.example MX': [1, 2].map((n) => ({
            type: 'MX' as const,
            name: 'ban.example',
            data: { preference: n, exchange: `mx${n}.example` },
          })),
          'mx1.example A': [{ type: 'A', name: 'mx1.example', data: '127.0.0.1' }],
          'mx2.example A': [{ type: 'A', name: 'mx2.example', data: '127.0.0.2' }],
          [`_${wrong.port}._tcp.mx1.example TLSA`]: [
            {
              type: 'TLSA',
              name: 'x',
              data: { usage: 3, selector: 1, matchingType: 1, certificate: data(good, 1, 1) },
            },
          ],
        },
      })
      const second = new SMTPServer({
        authOptional: true,
        disabledCommands: ['AUTH', 'STARTTLS'],
        disableReverseLookup: true,
        logger: false,
        closeTimeout: 100,
      })
      await once(second.listen(wrong.port, '127.0.0.2'), 'listening')
      const given = { ...settings, dnsServers: names.address }
      const delivery = await routeTo('an@ban.example', given, {
        ...worldOf(given),
        port: wrong.port,
        blockLocal: false,
      }).open()
      expect(delivery.host).to.equal('mx2.example')
      delivery.close()
      await new Promise<void>((resolve) => second.close(() => resolve()))
    })
  })

  it('believes in signatures only resolvers of this machine, unless it is told that the way to others is safe', () => {
    for (const [servers, dnsTrusted, used] of [
      ['127.0.0.1:53', 'loopback', 1],
      ['[::1]:53,127.0.0.53', 'loopback', 2],
      ['127.0.0.1,192.0.2.1', 'loopback', 0],
      ['192.0.2.1', 'all', 1],
      ['::1', 'loopback', 1],
      ['2001:db8::1', 'loopback', 0],
    ] as const)
      expect(trusted(serversOf({ dnsServers: servers }), { dnsTrusted }), servers).to.have.length(used)
    expect(place('[::1]:5353')).to.deep.equal({ host: '::1', port: 5353 })
    expect(place('::1')).to.deep.equal({ host: '::1', port: 53 })
    expect(place('127.0.0.1')).to.deep.equal({ host: '127.0.0.1', port: 53 })
  })
})

/** @returns "ok", or what s_client says is wrong */
async function openssl(port: number, records: readonly Rdata[]): Promise<string> {
  const given = records.flatMap(([usage, selector, matchingType, data]) => [
    '-dane_tlsa_rrdata',
    `${usage} ${selector} ${matchingType} ${data.toString('hex')}`,
  ])
  const child = promisify(execFile)('openssl', [
    's_client',
    '-starttls',
    'smtp',
    '-connect',
    `127.0.0.1:${port}`,
    '-dane_tlsa_domain',
    mx,
    ...given,
    '-dane_ee_no_namechecks',
    '-verify_return_error',
  ])
  child.child.stdin!.end('QUIT\r\n')
  const { stdout } = await child.catch((err: { stdout: string }) => err)
  return /Verify return code: 0 \(ok\)/.test(stdout) && /DANE TLSA .* (matched|signed)/.test(stdout)
    ? 'ok'
    : (/Verify return code: .*/.exec(stdout)?.[0] ?? 'no handshake')
}

/** The chain as a delivery sees it. */
async function chainOf(port: number): Promise<readonly X509Certificate[]> {
  let seen: readonly X509Certificate[] = []
  const delivery = await Delivery.open({
    host: '127.0.0.1',
    port,
    name: 'x',
    requireTls: true,
    sni: mx,
    peerFault: (chain) => {
      seen = chain
      return undefined
    },
  })
  delivery.close()
  return seen
}
