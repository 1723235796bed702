import { expect } from 'chai'
import { maxResponse } from '#mailserver/accounts/sasl/converse.ts'
import { offered } from '#mailserver/accounts/sasl/table.ts'
import { at, password, smallOffice } from '../book.ts'
import { b64, talk, verdict } from './talk.ts'

const ha = at('ha.tran')

describe('SASL PLAIN and LOGIN', () => {
  const cases: [what: string, mechanism: string, given: Parameters<typeof talk>[2], want: string][] = [
    ['in one response', 'PLAIN', { initial: `\0${ha}\0${password}` }, 'signed-in'],
    ['name of the mechanism in small letters', 'plain', { initial: `\0${ha}\0${password}` }, 'signed-in'],
    ['asked for', 'PLAIN', { responses: [`\0${ha}\0${password}`] }, 'signed-in'],
    ['as oneself', 'PLAIN', { initial: `${ha.toUpperCase()}\0${ha}\0${password}` }, 'signed-in'],
    ['password from a Mac (NFD)', 'PLAIN', { initial: `\0${ha}\0${password.normalize('NFD')}` }, 'signed-in'],
    ['as somebody else', 'PLAIN', { initial: `${at('motcua.stttt')}\0${ha}\0${password}` }, '403'],
    ['wrong password', 'PLAIN', { initial: `\0${ha}\0sai` }, '401'],
    ['office', 'PLAIN', { initial: `\0${at('motcua.stttt')}\0${password}` }, '401'],
    ['no name', 'PLAIN', { initial: `\0\0${password}` }, '401'],
    ['no password', 'PLAIN', { initial: `\0${ha}\0` }, '401'],
    ['one NUL', 'PLAIN', { initial: `${ha}\0${password}` }, 'malformed'],
    ['three NULs', 'PLAIN', { initial: `\0${ha}\0${password}\0` }, 'malformed'],
    ['nothing at all', 'PLAIN', { responses: [''] }, 'malformed'],
    ['not UTF-8', 'PLAIN', { initial: Buffer.from(`\0${ha}\0m\xe2t kh`, 'latin1') }, 'malformed'],
    ['"=" as the empty response', 'PLAIN', { initial: '=', raw: true }, 'malformed'],
    ['base64 cut short', 'PLAIN', { initial: b64(`\0${ha}\0${password}`).slice(0, -1), raw: true }, 'malformed'],
    ['stray bits in base64', 'PLAIN', { initial: 'AGF=', raw: true }, 'malformed'],
    ['base64url', 'PLAIN', { initial: '_-__', raw: true }, 'malformed'],
    ['a space in base64', 'PLAIN', { initial: 'AG Fh', raw: true }, 'malformed'],
    ['too long', 'PLAIN', { initial: 'A'.repeat(maxResponse + 4), raw: true }, 'malformed'],
    ['cancelled', 'PLAIN', { responses: ['*'], raw: true }, 'cancelled'],
    ['"*" is no initial response', 'PLAIN', { initial: '*', raw: true }, 'malformed'],
    ['two questions', 'LOGIN', { responses: [ha, password] }, 'signed-in'],
    ['name with the command', 'LOGIN', { initial: ha, responses: [password] }, 'signed-in'],
    ['wrong password', 'LOGIN', { responses: [ha, 'sai'] }, '401'],
    ['NUL in the name', 'LOGIN', { responses: [`${ha}\0x`, password] }, 'malformed'],
    ['cancelled at the password', 'LOGIN', { initial: b64(ha), responses: ['*'], raw: true }, 'cancelled'],
  ]
  for (const [what, mechanism, given, want] of cases)
    it(`${mechanism}: ${what}`, async () => {
      using office = await smallOffice()
      expect(verdict(await talk(office.book, mechanism, given))).to.equal(want)
    })

  it('asks as the mechanism says', async () => {
    using office = await smallOffice()
    expect((await talk(office.book, 'PLAIN', { responses: [`\0${ha}\0${password}`] })).challenges).to.deep.equal([''])
    expect((await talk(office.book, 'LOGIN', { responses: [ha, password] })).challenges).to.deep.equal([
      'Username:',
      'Password:',
    ])
  })

  it('offers no SCRAM where somebody else judges passwords', () => {
    const names = offered({ tlsUnique: Buffer.from('x') } as never, { offersScram: false }).map((m) => m.name)
    expect(names).to.deep.equal(['OAUTHBEARER', 'XOAUTH2', 'PLAIN', 'LOGIN'])
  })

  it('offers nothing that binds to a channel where there is none', () => {
    expect(offered(undefined, { offersScram: true }).filter((m) => m.bound)).to.deep.equal([])
  })
})
