import { expect } from 'chai'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { dnsRecords, zoneText } from '#mailserver/admin/dns.ts'
import { mailServices } from '#mailserver/autoconfig/services.ts'
import { seal } from '#mailserver/seal/seal.ts'
import { emptyBook } from '#test/mailserver/accounts/book.ts'

const told = { services: [], deskOrigin: 'http://127.0.0.1:8081' }

describe('DNS records to publish', () => {
  it('verify what we seal, for a receiver who has nothing else', async () => {
    using empty = emptyBook({ now: Date.now() })
    const keys = empty.book.sealKeys('haiduong.gov.vn')
    const records = dnsRecords({
      domain: 'haiduong.gov.vn',
      hostname: 'mail.haiduong.gov.vn',
      keys: empty.book.keys(),
      ...told,
      now: Date.now(),
    })
    const raw = Buffer.from('From: <so.stttt@haiduong.gov.vn>\r\nSubject: x\r\n\r\nNội dung\r\n')
    const sealed = await seal(raw, 'haiduong.gov.vn', keys)
    const asked: string[] = []
    const { results } = await dkimVerify(sealed, {
      resolver: async (name: string) => {
        asked.push(name)
        const found = records.filter((r) => r.type === 'TXT' && r.name === `${name}.`)
        return found.map((r) => [...r.value.matchAll(/"([^"]*)"/g)].map((m) => m[1]!))
      },
    })
    expect(results.map((r) => r.status.result)).to.deep.equal(['pass', 'pass'])
    expect(asked).to.have.length(2)
  })

  it('keep within the strings of a TXT record, leave ended keys out, and read as a zone file', () => {
    using empty = emptyBook({ now: Date.now() })
    empty.book.sealKeys('haiduong.gov.vn')
    const keys = empty.book.keys().map((k) => (k.algorithm === 'rsa' ? k : { ...k, to: '2020-01-01T00:00:00Z' }))
    const records = dnsRecords({ domain: 'haiduong.gov.vn', hostname: 'mail.x.vn', keys, ...told, now: Date.now() })
    expect(records.map((r) => r.name.split('.')[0])).to.deep.equal([
      'haiduong',
      'haiduong',
      keys.find((k) => k.algorithm === 'rsa')!.selector,
      '_dmarc',
    ])
    for (const r of records)
      for (const [, text] of r.value.matchAll(/"([^"]*)"/g)) expect(text!.length).to.be.at.most(255)
    expect(zoneText(records)).to.contain('\nhaiduong.gov.vn. IN MX 10 mail.x.vn.\n')
  })

  it('lead mail programs to the services, TLS first, and to their settings where the desk has https', () => {
    const settings = { mode: 'production', listen: '0.0.0.0', hostname: 'mail.x.vn', portBase: 8000 } as const
    const records = dnsRecords({
      domain: 'haiduong.gov.vn',
      hostname: 'mail.x.vn',
      keys: [],
      services: mailServices({ ...settings, publicPorts: 'standard' }),
      deskOrigin: 'https://congso.x.vn',
      now: Date.now(),
    })
    const srv = records.filter((r) => r.type === 'SRV').map((r) => `${r.name.split('.')[0]} ${r.value}`)
    expect(srv).to.deep.equal([
      '_imaps 0 1 993 mail.x.vn.',
      '_imap 1 1 143 mail.x.vn.',
      '_pop3s 20 1 995 mail.x.vn.',
      '_pop3 21 1 110 mail.x.vn.',
      '_submissions 0 1 465 mail.x.vn.',
      '_submission 1 1 587 mail.x.vn.',
      '_sieve 0 1 4190 mail.x.vn.',
      '_autodiscover 0 1 443 congso.x.vn.',
    ])
    expect(zoneText(records)).to.contain('\nautoconfig.haiduong.gov.vn. IN CNAME congso.x.vn.\n')
    const own = mailServices({ ...settings, publicPorts: 'same' })
    expect(own.map((s) => s.port)).to.deep.equal([8993, 8143, 8995, 8110, 8465, 8587, 12190])
  })
})
