/** Letters that are sent on to the outside (RFC 8617): from the edge through a script to the queue, judged by Debian's dkimpy and by our own edge at another place. */
import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { expect } from 'chai'
import { Authentication } from '#mailserver/edge/policy/authenticate.ts'
import { arcSealed, foundByEdge } from '#mailserver/seal/arc.ts'
import { makeKey, seal } from '#test/kit/message/support/sealing.ts'
import { startDns } from '#test/mailserver/edge/support/dns.ts'
import { letter, passwords, province, startService } from '../control/service.ts'

const ha = 'ha.tran@haiduong.gov.vn'
const domain = 'haiduong.gov.vn'
const publicOf = (pem: string) => createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64')
const stranger = makeKey({ domain: 'partner.example', selector: 'k1', algorithm: 'rsa' })
const raw = Buffer.from(
  `From: An <an@partner.example>\r\nTo: ${ha}\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 09:00:00 +0700\r\nMessage-ID: <a@partner.example>\r\n\r\nXin chao\r\n`,
)
const python = '/usr/bin/python3'
const dkimpy = existsSync(python) && existsSync('/usr/lib/python3/dist-packages/dkim/__init__.py')

describe('ARC', () => {
  let service: Awaited<ReturnType<typeof startService>>
  let records: Record<string, string>
  beforeEach(async () => {
    service = await startService()
    await service.as('cli').provision({ province, passwords })
    records = {
      'partner.example': 'v=spf1 ip4:192.0.2.1 -all',
      'k1._domainkey.partner.example': `v=DKIM1; k=rsa; p=${publicOf(stranger.key.publicKey)}`,
      '_dmarc.partner.example': 'v=DMARC1; p=reject',
    }
    for (const key of service.accounts.sealKeys(domain))
      if (key.algorithm === 'rsa')
        records[`${key.selector}._domainkey.${domain}`] = `v=DKIM1; k=rsa; p=${publicOf(key.publicKey)}`
  })
  afterEach(() => service[Symbol.asyncDispose]())

  /** What the edge of `hostname` would find, as it writes it down. */
  async function judged(octets: Buffer, given: { hostname: string; ip: string; from: string }): Promise<string> {
    await using dns = await startDns(records)
    const { headers } = await new Authentication({ hostname: given.hostname, dns: [dns.address] }).check({
      ...given,
      helo: 'mail.example',
      raw: octets,
    })
    return headers
  }
  /** To Hà, whose script sends it on, by way of the edge; @returns what waits for the outside. */
  async function sentOn(octets: Buffer, script: string, ip = '192.0.2.1'): Promise<Buffer> {
    await service.as('desk')['filter.put']({ owner: ha, by: ha, name: 'main', text: script, activate: true })
    const from = 'an@partner.example'
    const trace = await judged(octets, { hostname: 'mail.haiduong.gov.vn', ip, from })
    await service.as('edge').handover({
      ...{ from, to: [ha], spam: false, helo: 'x', ip, id: `${octets.length}` },
      raw: Buffer.concat([Buffer.from(`${trace}X-Spam-Status: No\r\n`), octets]),
    })
    const [row] = service.store.read.queue({ limit: 9 })
    return service.store.read.queueOctets(row!.id)
  }
  const byDkimpy = (octets: Buffer): string =>
    execFileSync(
      python,
      [
        '-c',
        'import dkim, json, sys\nrecords = json.loads(sys.argv[1])\ncv, results, why = dkim.arc_verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: records.get(name.decode().rstrip(".")))\nprint(cv.decode() if cv else cv)',
        JSON.stringify(records),
      ],
      { input: octets },
    )
      .toString()
      .trim()

  it('a letter that is sent on says what it was when it came, though its signature is broken on the way', async () => {
    const signed = await seal(raw, stranger, { signTime: new Date() })
    const onward = await sentOn(
      signed,
      'require "editheader"; deleteheader "Subject"; addheader "Subject" "[Chuyen tiep] x"; redirect "ha@elsewhere.example";',
    )
    expect(onward.toString()).to.match(
      /^ARC-Seal: i=1; [\s\S]*^ARC-Message-Signature: i=1; [\s\S]*^ARC-Authentication-Results: i=1; mail\.haiduong\.gov\.vn;/m,
    )
    if (dkimpy) expect(byDkimpy(onward)).to.equal('pass')
    const found = await judged(onward, { hostname: 'mx.elsewhere.example', ip: '203.0.113.9', from: ha })
    expect(found).to.match(/dmarc=fail/)
    expect(found.replaceAll(/\s+/g, ' ')).to.match(/arc=pass \(i=1 spf=pass[^)]*dkim=pass[^)]*dmarc=pass/)
  })

  it('adds to a chain that holds, and nothing to one that does not', async () => {
    const first = await arcSealed(await seal(raw, stranger, { signTime: new Date() }), {
      found: 'list.partner.example; dkim=pass header.d=partner.example; dmarc=pass header.from=partner.example',
      domain: 'partner.example',
      keys: [{ ...stranger.key, privateKey: stranger.privateKey }],
      at: new Date(),
    })
    const octets = Buffer.from(first)
    const second = await sentOn(octets, 'redirect "ha@elsewhere.example";')
    expect(
      second
        .toString()
        .match(/^ARC-Seal: i=(\d); a=rsa-sha256;[\s\S]*?cv=(\w+)/m)!
        .slice(1),
    ).to.deep.equal(['2', 'pass'])
    if (dkimpy) expect(byDkimpy(second)).to.equal('pass')
    expect(await judged(second, { hostname: 'mx.elsewhere.example', ip: '203.0.113.9', from: ha })).to.match(/arc=pass/)

    await service[Symbol.asyncDispose]()
    service = await startService()
    await service.as('cli').provision({ province, passwords })
    const broken = Buffer.from(octets.toString().replace('Xin chao', 'Xin tien'))
    const third = await sentOn(broken, 'redirect "ha@elsewhere.example";')
    expect(third.toString().match(/^ARC-Seal:/gm)).to.have.length(1)
    if (dkimpy) expect(byDkimpy(third)).to.equal('fail')
  })

  it('a chain of twenty made up, whose servers do not answer, keeps no forgery from being found out', async () => {
    const chained = Buffer.concat([
      Buffer.from(
        Array.from(
          { length: 20 },
          (_, i) =>
            `ARC-Seal: i=${20 - i}; a=rsa-sha256; s=k; d=slow${i}.example; cv=${i === 19 ? 'none' : 'pass'}; b=AAAA\r\nARC-Message-Signature: i=${20 - i}; a=rsa-sha256; c=relaxed/relaxed; s=k; d=slow${i}.example; h=from; bh=AAAA; b=AAAA\r\nARC-Authentication-Results: i=${20 - i}; x; dmarc=pass\r\n`,
        ).join(''),
      ),
      raw,
    ])
    await using dns = await startDns(
      records,
      Array.from({ length: 20 }, (_, i) => `k._domainkey.slow${i}.example`),
    )
    const { deceives, headers } = await new Authentication({ hostname: 'mx.test', dns: [dns.address] }).check({
      ...{ raw: chained, ip: '198.51.100.9', helo: 'x', from: 'an@partner.example' },
    })
    expect(deceives).to.equal(true)
    expect(headers)
      .to.match(/dmarc=fail/)
      .and.to.match(/arc=fail/)
  })

  it('vouches for nothing that the edge has not looked at, whatever the letter says of itself', async () => {
    await service.as('desk')['filter.put']({
      ...{ owner: ha, by: ha, name: 'main', activate: true },
      text: 'redirect "ha@elsewhere.example";',
    })
    const lies = Buffer.from(
      'Authentication-Results: mail.haiduong.gov.vn; spf=pass; dmarc=pass\r\nX-Spam-Status: No\r\n',
    )
    for (const [n, top] of [
      '',
      'X-Spam-Status: No\r\n',
      'Authentication-Results: mail.haiduong.gov.vn; none\r\nX-Spam-Status: No\r\n',
    ].entries()) {
      const octets = Buffer.concat([Buffer.from(top), n === 0 ? Buffer.alloc(0) : lies, letter(`so ${n}`)])
      await service.as('edge').handover({
        ...{ from: 'an@partner.example', to: [ha], spam: false, helo: 'x', ip: '192.0.2.1', id: `${n}` },
        raw: octets,
      })
    }
    const rows = service.store.read.queue({ limit: 9 })
    expect(rows).to.have.length(3)
    for (const { id } of rows) expect(service.store.read.queueOctets(id).toString()).not.to.match(/^ARC-/m)
    expect(foundByEdge(Buffer.from('A-B: c\r\n'.repeat(20_000)))).to.equal(undefined)
  })
})
