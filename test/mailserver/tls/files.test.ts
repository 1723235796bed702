import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { expect } from 'chai'
import { loadSettings } from '#config/settings.ts'
import { attention, dueAt } from '#mailserver/tls/dates.ts'
import { keep, namesOf, readAll, readKept } from '#mailserver/tls/files.ts'
import { Keeper } from '#mailserver/tls/keeper.ts'
import { selfSigned } from '#mailserver/tls/selfsigned.ts'

const day = 24 * 60 * 60_000
const hostname = 'mail.x.vn'
const made = (name: string, days = 90, from = new Date(Date.now() - day)) => {
  const { key, certificate } = selfSigned({ names: [name], from, days })
  return { name, key, cert: certificate }
}

describe('TLS files', () => {
  let folder: string
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'congso-tls-')), 'tls')
  })
  afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))
  const open = (more: Record<string, string> = {}) =>
    new Keeper({ settings: loadSettings({ hostname, ...more }, {}).settings, folder })
  const cert = (keeper: Keeper) => keeper.pairs[0]!.cert

  it('are made at first start, for this user alone, and stay', () => {
    const first = open().pairs
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).to.equal(0o600)
    expect(open().pairs).to.deep.equal(first)
    expect(readAll(folder, { hostname, tlsNames: '' })).to.deep.equal(first)
  })

  for (const host of [hostname, 'localhost', '127.0.0.1'])
    it(`convince a client that trusts them, for ${host}`, async () => {
      const { key, cert } = open().pairs[0]!
      const server = createServer({ key, cert, minVersion: 'TLSv1.3' }, (socket) => socket.end())
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const client = connect({
        port,
        host: '127.0.0.1',
        ca: cert,
        ...(host.startsWith('1') ? {} : { servername: host }),
      })
      await once(client, 'secureConnect')
      expect(client.authorized).to.equal(true)
      client.destroy()
      server.close()
    })

  it('are made again before ours run out, and an administrator’s never', async () => {
    const ours = open()
    const first = cert(ours)
    await ours.look(Date.now() + 700 * day)
    expect(cert(ours)).to.equal(first)
    await ours.look(Date.now() + 780 * day)
    expect(cert(ours)).not.to.equal(first)
    rmSync(join(folder, 'origin'))
    const theirs = open()
    await theirs.look(Date.now() + 2000 * day)
    expect(cert(theirs)).to.equal(cert(ours))
    expect(theirs.status()[0]).to.include({ origin: 'files' }).and.not.have.property('renewAt')
  })

  it('that an administrator put in the place of ours are hers, and taken over while we run', async () => {
    const keeper = open()
    const heard: string[] = []
    keeper.onChange((pairs) => heard.push(pairs[0]!.cert))
    const pair = made(hostname, 30)
    writeFileSync(join(folder, 'key.pem'), pair.key)
    writeFileSync(join(folder, 'cert.pem'), pair.cert)
    await keeper.look()
    expect(heard).to.deep.equal([pair.cert])
    expect(keeper.status()[0]!.origin).to.equal('files')
    await keeper.look(Date.now() + 29 * day)
    expect(cert(keeper)).to.equal(pair.cert)
  })

  const broken: [what: string, key: string, cert: string, sentence: RegExp][] = [
    ['do not belong together', made('y.vn').key, made('y.vn').cert, /is not the certificate of/],
    ['have no key', 'nonsense', made('y.vn').cert, /is no private key in PEM/],
    ['have no certificate', made('y.vn').key, 'nonsense', /is no certificate in PEM/],
    ['are empty', '', '', /is no private key in PEM/],
  ]
  for (const [what, key, certificate, sentence] of broken)
    it(`that ${what} are refused in words: at start, and while we run, when the old ones are served on`, async () => {
      const keeper = open()
      const before = cert(keeper)
      writeFileSync(join(folder, 'key.pem'), key)
      writeFileSync(join(folder, 'cert.pem'), certificate)
      await keeper.look()
      expect(cert(keeper)).to.equal(before)
      expect(keeper.status()[0]!.lastError).to.match(sentence)
      expect(() => open()).to.throw(sentence)
      expect(() => keeper.import({ name: hostname, key, cert: certificate })).to.throw(/is no|is not/)
      expect(cert(keeper)).to.equal(before)
    })

  it('that are half there are refused in words', () => {
    open()
    rmSync(join(folder, 'key.pem'))
    expect(() => open()).to.throw('only one of key.pem and cert.pem')
  })

  it('that ran out, do not count yet or name another host are not imported', () => {
    const keeper = open()
    const before = cert(keeper)
    expect(() => keeper.import(made(hostname, 1, new Date(Date.now() - 2 * day)))).to.throw(/ran out on/)
    expect(() => keeper.import(made(hostname, 9, new Date(Date.now() + day)))).to.throw(/counts from/)
    expect(() => keeper.import({ ...made('other.vn'), name: hostname })).to.throw(/does not name mail.x.vn/)
    expect(() => keeper.import(made('other.vn'))).to.throw(/is not a name of this service/)
    expect(cert(keeper)).to.equal(before)
    keeper.import(made(hostname))
    expect(cert(keeper)).not.to.equal(before)
    expect(open().pairs).to.deep.equal(keeper.pairs)
  })

  it('are whole after a crash between key and certificate', () => {
    open()
    const next = made(hostname)
    keep({ folder, hostname, name: hostname }, next, 'files')
    // as it looks when the second rename did not happen
    const old = made(hostname)
    renameSync(join(folder, 'cert.pem'), join(folder, 'cert.pem.new'))
    writeFileSync(join(folder, 'cert.pem'), old.cert)
    expect(readKept({ folder, hostname, name: hostname })!.pair).to.deep.equal(next)
    expect(open().pairs[0]).to.deep.equal(next)
  })

  it('mode "files" does not start without them', () => {
    expect(() => open({ tls: 'files' })).to.throw(/CONGSO_TLS is "files" and there is no certificate for mail.x.vn/)
    keep({ folder, hostname, name: hostname }, made(hostname), 'files')
    expect(open({ tls: 'files' }).status()[0]!.origin).to.equal('files')
  })

  it('each further name has its own; names that are none, or lead elsewhere, are refused', () => {
    const keeper = open({ tlsNames: 'imap.x.vn, POP.x.vn,' })
    expect(keeper.pairs.map(({ name }) => name)).to.deep.equal([hostname, 'imap.x.vn', 'pop.x.vn'])
    expect(new X509Certificate(readFileSync(join(folder, 'pop.x.vn/cert.pem'))).checkHost('pop.x.vn')).to.equal(
      'pop.x.vn',
    )
    for (const tlsNames of ['../x', 'a b', 'x/y', '.', 'a..b', `${'a'.repeat(64)}.vn`])
      expect(() => namesOf({ hostname, tlsNames }), tlsNames).to.throw('is no host name')
  })

  it('are due at two thirds by ACME, at once where there was only one of ours, never where they are hers', () => {
    const pair = made(hostname, 90, new Date('2026-01-01T00:00:00Z'))
    const within = Date.parse('2026-02-01T00:00:00Z')
    expect(dueAt({ pair, origin: 'acme' }, 'acme', within)).to.equal(Date.parse('2026-03-02T00:00:00Z'))
    expect(dueAt({ pair, origin: 'self-signed' }, 'acme', within)).to.equal(0)
    expect(dueAt({ pair, origin: 'self-signed' }, 'self-signed', within)).to.equal(Date.parse('2026-03-02T00:00:00Z'))
    expect(dueAt({ pair, origin: 'files' }, 'files', within)).to.equal(Number.POSITIVE_INFINITY)
    const before = Date.parse('2025-12-01T00:00:00Z')
    for (const [origin, mode, due] of [
      ['acme', 'acme', before],
      ['self-signed', 'self-signed', before],
      ['files', 'files', Number.POSITIVE_INFINITY],
    ] as const)
      expect(dueAt({ pair, origin }, mode, before), `${origin} of the future, ${mode}`).to.equal(due)
  })

  it('are spoken of before they run out', async () => {
    const said: (string | undefined)[] = []
    const { settings } = loadSettings({ hostname }, {})
    keep({ folder, hostname, name: hostname }, made(hostname, 90, new Date()), 'files')
    const keeper = new Keeper({ settings, folder, warn: (text) => said.push(text) })
    for (const days of [1, 75, 77, 77.1, 91]) await keeper.look(Date.now() + days * day)
    expect(said).to.have.length(2)
    expect(said[0]).to.match(/^Chứng thư TLS của mail.x.vn hết hạn sau 1\d ngày\.$/)
    expect(said[1]).to.equal('Chứng thư TLS của mail.x.vn đã hết hạn.')
    keeper.import(made(hostname))
    await keeper.look()
    expect(said.at(-1)).to.equal(undefined)
    expect(attention([], Date.now())).to.equal(undefined)
  })

  it('names dates on both sides of 2050 as RFC 5280 wants them', () => {
    for (const year of [2049, 2050]) {
      const from = new Date(Date.UTC(year, 11, 31, 23, 59, 59))
      const { certificate } = selfSigned({ names: ['x.vn'], from, days: 1 })
      expect(Date.parse(new X509Certificate(certificate).validFrom)).to.equal(from.getTime())
    }
  })
})
