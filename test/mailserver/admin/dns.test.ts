import { expect } from 'chai'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { dnsRecords, zoneText } from '#mailserver/admin/dns.ts'
import { seal } from '#mailserver/seal/seal.ts'
import { emptyBook } from '#test/mailserver/accounts/book.ts'

describe('DNS records to publish', () => {
  it('verify what we seal, for a receiver who has nothing else', async () => {
    using empty = emptyBook({ now: Date.now() })
    const keys = empty.book.sealKeys('haiduong.gov.vn')
    const records = dnsRecords({
      domain: 'haiduong.gov.vn',
      hostname: 'mail.haiduong.gov.vn',
      keys: empty.book.keys(),
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
    const records = dnsRecords({ domain: 'haiduong.gov.vn', hostname: 'mail.x.vn', keys, now: Date.now() })
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
})
