import { createPublicKey } from 'node:crypto'
import { expect } from 'chai'
import { Authentication } from '#mailserver/edge/policy/authenticate.ts'
import { makeKey, seal } from '#test/kit/message/support/sealing.ts'
import { startDns } from '#test/mailserver/edge/support/dns.ts'

const key = makeKey({ domain: 'inanphu.example', selector: 'k1', algorithm: 'rsa' })
const spki = createPublicKey(key.key.publicKey).export({ type: 'spki', format: 'der' }).toString('base64')
const records = {
  'inanphu.example': 'v=spf1 ip4:192.0.2.1 -all',
  'k1._domainkey.inanphu.example': `v=DKIM1; k=rsa; p=${spki}`,
  '_dmarc.inanphu.example': 'v=DMARC1; p=reject',
}
const raw = Buffer.from(
  'From: An <an@inanphu.example>\r\nTo: x@haiduong.gov.vn\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 09:00:00 +0700\r\nMessage-ID: <a@inanphu.example>\r\n\r\nXin chao\r\n',
)
const sending = { ip: '192.0.2.1', helo: 'mail.inanphu.example', from: 'an@inanphu.example' }

describe('SPF, DKIM and DMARC', () => {
  it('are reported for mail that is what it says', async () => {
    await using dns = await startDns(records)
    const done = await new Authentication({ hostname: 'mx.test', dns: [dns.address] }).check({
      ...sending,
      raw: await seal(raw, key, { signTime: new Date() }),
    })
    expect(done.deceives).to.equal(false)
    expect(done.headers)
      .to.match(/^Received-SPF: pass/m)
      .and.to.match(/^Authentication-Results: mx\.test;/m)
    expect(done.headers)
      .to.match(/dkim=pass/)
      .and.to.match(/dmarc=pass/)
    expect(done.headers.endsWith('\r\n')).to.equal(true)
    expect(done.headers).not.to.match(/\r\n\r\n/)
  })
  it('set aside what the domain disowns', async () => {
    await using dns = await startDns(records)
    const done = await new Authentication({ hostname: 'mx.test', dns: [dns.address] }).check({
      ...sending,
      ip: '198.51.100.9',
      raw,
    })
    expect(done.deceives).to.equal(true)
    expect(done.headers)
      .to.match(/spf=fail/)
      .and.to.match(/dmarc=fail/)
  })
  it('stop nobody whose domain says nothing', async () => {
    await using dns = await startDns({})
    expect(
      (await new Authentication({ hostname: 'mx.test', dns: [dns.address] }).check({ ...sending, raw })).deceives,
    ).to.equal(false)
  })
  it('answer in time when DNS does not', async () => {
    await using dns = await startDns({}, ['inanphu.example', '_dmarc.inanphu.example', 'k1._domainkey.inanphu.example'])
    const began = Date.now()
    const done = await new Authentication({ hostname: 'mx.test', dns: [dns.address] }).check({ ...sending, raw })
    expect(done.headers).to.match(/^Authentication-Results: mx\.test;/m)
    expect(done.deceives).to.equal(false)
    expect(Date.now() - began).to.be.lessThan(15_000)
  })
  for (const [what, bad] of [
    ['nothing', Buffer.alloc(0)],
    ['no header', Buffer.from('\r\nx')],
    ['a header without end', Buffer.from('From: a')],
    ['no From', Buffer.from('Subject: x\r\n\r\nx\r\n')],
    ['a bad signature field', Buffer.concat([Buffer.from('DKIM-Signature: ;;;=;l=x\r\n'), raw])],
  ] as const)
    it(`vouch for ${what} without failing`, async () => {
      await using dns = await startDns({})
      expect(
        (await new Authentication({ hostname: 'mx.test', dns: [dns.address] }).check({ ...sending, raw: bad })).headers,
      ).to.match(/^Authentication-Results: mx\.test/m)
    })
})
