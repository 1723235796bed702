import { expect } from 'chai'
import { at, password, smallOffice } from '../book.ts'
import { talk, verdict } from './talk.ts'

const ha = at('ha.tran')

describe('SASL OAUTHBEARER and XOAUTH2', () => {
  type Make = (token: string) => string
  const bearer: Make = (token) => `n,a=${ha},\x01host=mail.test\x01port=143\x01auth=Bearer ${token}\x01\x01`
  const google: Make = (token) => `user=${ha}\x01auth=Bearer ${token}\x01\x01`
  const cases: [what: string, mechanism: string, make: Make, want: string, json?: string][] = [
    ['a token of ours', 'OAUTHBEARER', bearer, 'signed-in'],
    ['without a name: the token knows', 'OAUTHBEARER', (t) => `n,,\x01auth=Bearer ${t}\x01\x01`, 'signed-in'],
    ['"y"', 'OAUTHBEARER', (t) => `y,,\x01auth=bearer ${t}\x01\x01`, 'signed-in'],
    [
      'somebody else’s name',
      'OAUTHBEARER',
      (t) => `n,a=${at('an')},\x01auth=Bearer ${t}\x01\x01`,
      '401',
      'invalid_token',
    ],
    ['a token that never was', 'OAUTHBEARER', () => bearer(`cs_${'A'.repeat(43)}`), '401', 'invalid_token'],
    ['the password as a token', 'OAUTHBEARER', () => bearer('mat-khau-dai-1'), '401', 'invalid_token'],
    ['another scheme', 'OAUTHBEARER', (t) => `n,,\x01auth=Basic ${t}\x01\x01`, 'malformed', 'invalid_request'],
    ['no auth', 'OAUTHBEARER', () => `n,,\x01host=x\x01\x01`, 'malformed', 'invalid_request'],
    [
      'two auths',
      'OAUTHBEARER',
      (t) => `n,,\x01auth=Bearer ${t}\x01auth=Bearer x\x01\x01`,
      'malformed',
      'invalid_request',
    ],
    ['no end', 'OAUTHBEARER', (t) => `n,,\x01auth=Bearer ${t}\x01`, 'malformed', 'invalid_request'],
    [
      'bound to a channel',
      'OAUTHBEARER',
      (t) => `p=tls-exporter,,\x01auth=Bearer ${t}\x01\x01`,
      'malformed',
      'invalid_request',
    ],
    ['NUL', 'OAUTHBEARER', (t) => `n,,\x01auth=Bearer ${t}\0\x01\x01`, 'malformed', 'invalid_request'],
    ['a token of 8,000', 'OAUTHBEARER', () => bearer('x'.repeat(8_000)), '401', 'invalid_token'],
    ['a token of ours', 'XOAUTH2', google, 'signed-in'],
    ['a token that never was', 'XOAUTH2', () => google(`cs_${'B'.repeat(43)}`), '401', '401'],
    ['no user', 'XOAUTH2', (t) => `auth=Bearer ${t}\x01\x01`, 'malformed', '400'],
    ['nothing', 'XOAUTH2', () => '', 'malformed', '400'],
  ]
  for (const [what, mechanism, make, want, json] of cases)
    it(`${mechanism}: ${what}`, async () => {
      using office = await smallOffice()
      const { token } = office.book.issueToken(office.book.byAddress(ha)!.id)
      const spoken = await talk(office.book, mechanism, { initial: make(token), responses: ['\x01'] })
      expect(verdict(spoken)).to.equal(want)
      // RFC 7628 §3.2.2: told as JSON, which the client acknowledges before the exchange fails
      expect(spoken.challenges.map((c) => JSON.parse(c).status as string)).to.deep.equal(json ? [json] : [])
    })

  it('ends with its token', async () => {
    using office = await smallOffice()
    const { token } = office.book.issueToken(office.book.byAddress(ha)!.id)
    const { outcome } = await talk(office.book, 'XOAUTH2', { initial: google(token) })
    if (outcome.kind !== 'signed-in') throw new Error(outcome.kind)
    expect(office.book.stillGood(outcome.signedIn)).to.equal(true)
    office.book.endToken(token)
    expect(office.book.stillGood(outcome.signedIn)).to.equal(false)
    expect(verdict(await talk(office.book, 'XOAUTH2', { initial: google(token), responses: [''] }))).to.equal('401')
  })

  it('does not take a password where a token belongs, nor slow the person for it', async () => {
    using office = await smallOffice()
    for (let i = 0; i < 10; i++)
      await talk(office.book, 'XOAUTH2', { initial: google(`cs_${'C'.repeat(43)}`), responses: [''] })
    expect(verdict(await talk(office.book, 'PLAIN', { initial: `\0${ha}\0${password}` }))).to.equal('signed-in')
  })
})
