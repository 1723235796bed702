/** Hashes that `doveadm pw` of Dovecot 2.3 made of one password. */
import { expect } from 'chai'
import { fitsForeignHash, isForeignHash } from '#mailserver/accounts/foreignhash.ts'
import { at, emptyBook, refusalOf } from './book.ts'

const secret = 'Hoa phượng 2026!'
const hashes = [
  '{BLF-CRYPT}$2y$05$rNGSu053zgYMS2f3XW05nOeEgkYvTM1bSwmNxRPVANV6a2tHOugs6',
  '$2y$05$rNGSu053zgYMS2f3XW05nOeEgkYvTM1bSwmNxRPVANV6a2tHOugs6',
  '{SHA512-CRYPT}$6$.o5ysvUlfndvpsIw$Owo6bs.hL3Uy6yYskZZyBuiOfBYV/YO.kOCHD7KViTBOEi//hQv2TRTsrOmm.JZ/mhO.7.16Xv7Th6fT1/Ob61',
  '{CRYPT}$5$dALsHF6ByrXD6Gjw$az3cIcVM.nkcmaxIl76UMbyjemut/HD4.NvN06tU22B',
  '{SSHA512}/t11zI8sE+pYXVetEBG3WGi6LYdH0cLlsLtopehCHVsI+1W1GT6dyCTnyQFMbjnqKvXgg9id22wJNo40NrWX6wscTJc=',
  '{SSHA256}vioKvRGAhxA/RiW27eeCkDMW7SfoJtjI9r/GSDgJk3Rm35NP',
  '{SSHA}2kDhbl2Jv4Y5TtSv97QKn2l0pqKoXi+k',
  '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$urPncedHfuoUlKpxXnpa2g$0PaEx/IJZpCk8AjIy4kVRNDCIDUmnvwhLMl0P2eXACc',
]
const none = [
  '',
  'Hoa phượng 2026!',
  '{PLAIN}Hoa-phuong-2026-hoa-phuong',
  '{BLF-CRYPT}$2y$31$rNGSu053zgYMS2f3XW05nOeEgkYvTM1bSwmNxRPVANV6a2tHOugs6',
  '{SHA512-CRYPT}$6$rounds=999999999$abc$Owo6bs.hL3Uy6yYskZZyBuiOfBYV/YO.kOCHD7KViTBOEi//hQv2TRTsrOmm.JZ/mhO.7.16Xv7Th6fT1/Ob61',
  '{ARGON2ID}$argon2id$v=19$m=9999999,t=3,p=1$urPncedHfuoUlKpxXnpa2g$0PaEx/IJZpCk8AjIy4kVRNDCIDUmnvwhLMl0P2eXACc',
  '{SSHA512}/t11zI8sE+pYXVetEBG3WGi6LYdH0cLlsLtopehCHVsI',
  '$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA',
]
const home = { ip: '192.0.2.1', scope: 'imap' } as const

describe('hashes of other servers', () => {
  for (const hash of hashes)
    it(`${hash.slice(0, 16)} fits its password and no other`, async () => {
      expect(isForeignHash(hash)).to.equal(true)
      expect(await fitsForeignHash(secret, hash)).to.equal(true)
      expect(await fitsForeignHash(secret.normalize('NFD'), hash), 'as another keyboard sends it').to.equal(true)
      expect(await fitsForeignHash('Hoa phuong 2026!', hash)).to.equal(false)
      expect(await fitsForeignHash('', hash)).to.equal(false)
    })

  for (const text of none)
    it(`takes nothing else: ${text.slice(0, 30)}`, async () => {
      expect(isForeignHash(text)).to.equal(false)
      expect(await fitsForeignHash(secret, text)).to.equal(false)
    })

  it('opens the account once; from then on there is a hash of ours, and SCRAM', async () => {
    for (const hash of hashes) {
      using empty = emptyBook()
      const { book } = empty
      const address = at('cu')
      await book.addAccount({ address, name: 'Người cũ', passwordHash: hash, from: '2026-01-01' })
      expect((await refusalOf(book.signIn(address, 'sai', home))).status).to.equal(401)
      expect((await refusalOf(book.signIn(address, hash, home))).status, 'the hash is no password').to.equal(401)
      const [first, second] = await Promise.all([
        book.signIn(address, secret, home),
        book.signIn(address, secret, home),
      ])
      const third = await book.signIn(address, secret, home)
      for (const session of [first, second, third]) expect(book.stillGood(session)).to.equal(true)
      expect(() => book.scram(address, home).prove(() => true), 'keys for SCRAM').not.to.throw()
    }
  })

  it('is refused beside a password, for an office, and when it is of no known kind', async () => {
    using empty = emptyBook()
    const { book } = empty
    const [hash] = hashes
    const add = (more: object) => refusalOf(book.addAccount({ address: at('x'), name: 'X', ...more }))
    expect((await add({ passwordHash: hash, password: secret })).status).to.equal(422)
    expect((await add({ passwordHash: '{PLAIN}x' })).status).to.equal(422)
    expect((await add({ passwordHash: hash, kind: 'office' })).status).to.equal(422)
    await book.addAccount({ address: at('y'), name: 'Y', password: 'một mật khẩu', from: '2026-01-01' })
    const session = await book.signIn(at('y'), 'một mật khẩu', home)
    await book.setAccount(at('y'), { passwordHash: hash! })
    expect(book.stillGood(session), 'the password is another').to.equal(false)
    expect((await book.signIn(at('y'), secret, home)).account.address).to.equal(at('y'))
  })
})
