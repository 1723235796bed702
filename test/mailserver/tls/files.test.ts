import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { expect } from 'chai'
import { readTls } from '#mailserver/tls/files.ts'
import { selfSigned } from '#mailserver/tls/selfsigned.ts'

const day = 24 * 60 * 60_000

describe('TLS files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'congso-tls-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const read = (now?: number) => readTls({ folder: join(folder, 'tls'), hostname: 'mail.x.vn', ...(now && { now }) })

  it('are made at first start, for this user alone, and stay', () => {
    const first = read()
    expect(statSync(join(folder, 'tls/key.pem')).mode & 0o777).to.equal(0o600)
    expect(read()).to.deep.equal(first)
  })

  for (const host of ['mail.x.vn', 'localhost', '127.0.0.1'])
    it(`convince a client that trusts them, for ${host}`, async () => {
      const { key, cert } = read()
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

  it('are made again when ours have run out, and an administrator’s never', () => {
    const first = read()
    const later = Date.now() + 900 * day
    const second = read(later)
    expect(second.cert).not.to.equal(first.cert)
    rmSync(join(folder, 'tls/self-signed'))
    expect(read(later + 900 * day)).to.deep.equal(second)
  })

  it('that do not belong together, or are half there, are refused in words', () => {
    read()
    const other = selfSigned({ names: ['y.vn'], from: new Date(), days: 1 })
    writeFileSync(join(folder, 'tls/key.pem'), other.key)
    expect(() => read()).to.throw('is not the certificate of')
    rmSync(join(folder, 'tls/key.pem'))
    rmSync(join(folder, 'tls/self-signed'))
    expect(() => read()).to.throw('only one of key.pem and cert.pem')
  })

  it('names dates on both sides of 2050 as RFC 5280 wants them', () => {
    for (const year of [2049, 2050]) {
      const from = new Date(Date.UTC(year, 11, 31, 23, 59, 59))
      const { certificate } = selfSigned({ names: ['x.vn'], from, days: 1 })
      expect(Date.parse(new X509Certificate(certificate).validFrom)).to.equal(from.getTime())
    }
  })
})
