import { Resolver } from 'node:dns/promises'
import { expect } from 'chai'
import { nxdomain, startNoDns } from '#mailserver/spam/nodns.ts'

describe('the name server that knows no name', () => {
  it('answers NXDOMAIN at once', async () => {
    await using dns = await startNoDns()
    const resolver = new Resolver({ timeout: 2000, tries: 1 })
    resolver.setServers([dns.address])
    expect(await resolver.resolve4('haiduong.gov.vn').catch((err) => err.code)).to.equal('ENOTFOUND')
  })
  const bad: [what: string, query: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['an answer', Buffer.from('000081000001000000000000000001000100'.slice(0, 36), 'hex')],
    ['a name without end', Buffer.concat([Buffer.from('000001000001000000000000', 'hex'), Buffer.alloc(10, 63)])],
    ['two questions', Buffer.from('0000010000020000000000000000010001', 'hex')],
  ]
  for (const [what, query] of bad) it(`does not answer ${what}`, () => expect(nxdomain(query)).to.equal(undefined))
})
