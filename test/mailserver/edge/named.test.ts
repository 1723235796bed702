import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings } from '#config/settings.ts'
import { Hosts } from '#mailserver/edge/policy/host.ts'
import { startEdge } from '#mailserver/edge/start.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { startDns } from '#test/mailserver/edge/support/dns.ts'
import { freeBase, Sender } from '#test/mailserver/edge/support/smtp.ts'

describe('names of clients', () => {
  it('are what their owner says, when that is a host name', async () => {
    await using dns = await startDns(
      { '1.2.0.192.in-addr.arpa': 'MX.example.com', '2.2.0.192.in-addr.arpa': 'a b);.example.com' },
      ['3.2.0.192.in-addr.arpa'],
    )
    const hosts = new Hosts([dns.address])
    expect(await hosts.nameOf('192.0.2.1')).to.equal('mx.example.com')
    for (const ip of ['192.0.2.2', '192.0.2.3', '192.0.2.4', 'not an address'])
      expect(await hosts.nameOf(ip), ip).to.equal(undefined)
  }).timeout(20_000)

  it('stand in Received, and SPF, DKIM and DMARC above it', async () => {
    const data = mkdtempSync(join(tmpdir(), 'congso-edge-'))
    try {
      await using dns = await startDns({ '1.0.0.127.in-addr.arpa': 'mx.example.com' })
      await using control = await startControl(data)
      const given = { data, portBase: String(await freeBase([25])), rspamd: 'off', dnsServers: dns.address }
      await using edge = await startEdge({ settings: loadSettings(given, {}).settings })
      await Sender.send(edge.port, { to: ['ha.tran@haiduong.gov.vn'], message: 'From: a@example.com\r\n\r\nx\r\n' })
      const raw = Buffer.from(control.state.handed[0]!.raw).toString()
      expect(raw)
        .to.match(/^Received-SPF: /m)
        .and.to.match(/^Authentication-Results: [^;]+; *\r\n/m)
      // a machine's own list of hosts goes before its name servers
      expect(raw).to.match(/^Received: from client\.example\.com \([a-z0-9.-]+ \[127\.0\.0\.1\]\)\r\n/m)
    } finally {
      rmSync(data, { recursive: true, force: true })
    }
  })
})
