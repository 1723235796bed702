import { expect } from 'chai'
import { openAccounts } from '#mailserver/accounts/open.ts'
import { at, password, refusalOf, smallOffice } from './book.ts'

const from = (ip: string) => ({ ip, scope: 'imap' }) as const
const home = from('192.0.2.1')

describe('signing in', () => {
  it('takes the password in any case of the address and any Unicode form', async () => {
    using office = await smallOffice()
    const s = await office.book.signIn('Ha.Tran@HaiDuong.gov.vn', password.normalize('NFD'), home)
    expect(s.account.address).to.equal(at('ha.tran'))
    expect(s.service).to.equal(false)
    expect(office.book.stillGood(s)).to.equal(true)
    expect(s.account).not.to.have.property('password')
  })

  const wrong: [what: string, address: string, secret: string][] = [
    ['a wrong password', at('ha.tran'), 'sai'],
    ['an empty password', at('ha.tran'), ''],
    ['an unknown address', at('khong.co'), password],
    ['an office', at('motcua.stttt'), password],
    ['a register', at('so.stttt'), password],
    ['a password of a megabyte', at('ha.tran'), 'x'.repeat(1_000_000)],
    ['an address of a megabyte', 'x'.repeat(1_000_000), password],
    ['a token that never was', at('ha.tran'), `cs_${'A'.repeat(43)}`],
    ['the stored hash', at('ha.tran'), '$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA'],
  ]
  for (const [what, address, secret] of wrong)
    it(`refuses ${what} with 401`, async () => {
      using office = await smallOffice()
      expect((await refusalOf(office.book.signIn(address, secret, home))).status).to.equal(401)
    })

  it('says nothing of a switched-off account before the password is right', async () => {
    using office = await smallOffice()
    office.book.disable(at('ha.tran'), true)
    expect((await refusalOf(office.book.signIn(at('ha.tran'), 'sai', home))).status).to.equal(401)
    expect((await refusalOf(office.book.signIn(at('ha.tran'), password, home))).status).to.equal(403)
  })

  it('ends sessions when the account is switched off or the password changes', async () => {
    using office = await smallOffice()
    const session = await office.book.signIn(at('ha.tran'), password, home)
    await office.book.setAccount(at('ha.tran'), { password: 'một mật khẩu khác' })
    expect(office.book.stillGood(session)).to.equal(false)
    expect((await refusalOf(office.book.signIn(at('ha.tran'), password, home))).status).to.equal(401)
    const second = await office.book.signIn(at('ha.tran'), 'một mật khẩu khác', home)
    office.book.disable(at('ha.tran'), true)
    expect(office.book.stillGood(second)).to.equal(false)
  })

  it('holds from the first day to the day before the last', async () => {
    using office = await smallOffice({ now: Date.parse('2026-11-23T16:59:59Z') }) // 23:59:59 in Vietnam
    const { book, clock } = office
    await book.addAccount({ address: at('moi'), name: 'Mới', password, from: '2026-11-24', to: '2026-11-25' })
    expect((await refusalOf(book.signIn(at('moi'), password, home))).status).to.equal(403)
    clock.now += 1_000
    expect((await book.signIn(at('moi'), password, home)).account.address).to.equal(at('moi'))
    clock.now = Date.parse('2026-11-24T17:00:00Z')
    expect((await refusalOf(book.signIn(at('moi'), password, home))).status).to.equal(403)
  })
})

describe('tokens', () => {
  it('are the password for twelve hours, for their own address only', async () => {
    using office = await smallOffice()
    const { book, clock } = office
    const account = book.byAddress(at('ha.tran'))!
    const { token, expires } = book.issueToken(account.id)
    expect(expires - clock.now).to.equal(12 * 3_600_000)
    const session = await book.signIn(at('ha.tran'), token, home)
    expect(session.token).to.be.a('string').and.not.equal(token)
    expect((await refusalOf(book.signIn(at('motcua.stttt'), token, home))).status).to.equal(401)
    clock.now = expires
    expect(book.stillGood(session)).to.equal(false)
    expect((await refusalOf(book.signIn(at('ha.tran'), token, home))).status).to.equal(401)
    expect(() => book.whoIs(token)).to.throw('token unknown or ended')
  })

  it('end at once when signed out', async () => {
    using office = await smallOffice()
    const { token } = office.book.issueToken(office.book.byAddress(at('ha.tran'))!.id)
    const session = await office.book.signIn(at('ha.tran'), token, home)
    office.book.endToken(token)
    expect(office.book.stillGood(session)).to.equal(false)
  })

  it('of a service open a register, and say so', async () => {
    using office = await smallOffice()
    const { token } = office.book.issueToken(office.book.byAddress(at('so.stttt'))!.id, 'workers')
    expect((await office.book.signIn(at('so.stttt'), token, home)).service).to.equal(true)
  })

  it('that are wrong slow nobody down', async () => {
    using office = await smallOffice()
    for (let i = 0; i < 60; i++) await refusalOf(office.book.signIn(at('ha.tran'), `cs_${'B'.repeat(43)}`, home))
    expect((await office.book.signIn(at('ha.tran'), password, home)).account.address).to.equal(at('ha.tran'))
  })
})

describe('guessing', () => {
  it('is slowed after a few failures, for the right password too, and again by every thread', async () => {
    using office = await smallOffice()
    const { book, clock, path } = office
    for (let i = 0; i < 6; i++)
      expect((await refusalOf(book.signIn(at('ha.tran'), `sai ${i}`, home))).status).to.equal(401)
    const slowed = await refusalOf(book.signIn(at('ha.tran'), password, home))
    expect(slowed.status).to.equal(429)
    expect(slowed.message).to.match(/wait \d+ seconds/)
    using other = openAccounts(path, { now: () => clock.now })
    expect((await refusalOf(other.signIn(at('ha.tran'), password, from('198.51.100.9')))).status).to.equal(429)
    clock.now += 3_000
    expect((await other.signIn(at('ha.tran'), password, home)).account.address).to.equal(at('ha.tran'))
    expect((await refusalOf(book.signIn(at('ha.tran'), 'sai', home))).status).to.equal(401) // counted from the beginning
  })

  it('all at once is slowed like one by one', async () => {
    using office = await smallOffice()
    const tries = Array.from({ length: 18 }, (_, i) => refusalOf(office.book.signIn(at('ha.tran'), `sai ${i}`, home)))
    const statuses = (await Promise.all(tries)).map((r) => r.status)
    expect(statuses.filter((s) => s === 401).length).to.be.at.most(6)
    expect(statuses.filter((s) => s === 429).length).to.be.at.least(12)
  })

  it('of addresses that do not exist is slowed alike', async () => {
    using office = await smallOffice()
    for (let i = 0; i < 6; i++) await refusalOf(office.book.signIn(at('khong.co'), `sai ${i}`, home))
    expect((await refusalOf(office.book.signIn(at('khong.co'), 'sai', home))).status).to.equal(429)
  })

  it('by a stranger does not lock a person out of the place she works at', async () => {
    using office = await smallOffice()
    await office.book.signIn(at('ha.tran'), password, home)
    for (let i = 0; i < 8; i++) await refusalOf(office.book.signIn(at('ha.tran'), `sai ${i}`, from('203.0.113.5')))
    expect((await refusalOf(office.book.signIn(at('ha.tran'), 'sai', from('203.0.113.5')))).status).to.equal(429)
    expect((await office.book.signIn(at('ha.tran'), password, home)).account.address).to.equal(at('ha.tran'))
  })

  it('one password at many accounts is slowed by the address', async () => {
    using office = await smallOffice()
    for (let i = 0; i < 41; i++)
      await refusalOf(office.book.signIn(at(`nguoi${i}`), 'mùa xuân 2026', from('203.0.113.5')))
    expect((await refusalOf(office.book.signIn(at('ha.tran'), password, from('203.0.113.5')))).status).to.equal(429)
    expect((await office.book.signIn(at('ha.tran'), password, home)).account.address).to.equal(at('ha.tran'))
  }).timeout(20_000)

  it('costs bounded memory: what waits beyond the bound is told to come again, and is not counted', async () => {
    using office = await smallOffice()
    const tries = Array.from({ length: 60 }, (_, i) =>
      refusalOf(office.book.signIn(at(`nguoi${i}`), 'sai', from(`2001:db8:0:${i}::1`))),
    )
    const busy = (await Promise.all(tries)).filter((r) => r.message.includes('too many sign-ins at once'))
    expect(busy.length).to.equal(60 - 18)
  })

  it('many connections with one right password at once are all let in', async () => {
    using office = await smallOffice()
    const all = await Promise.all(Array.from({ length: 30 }, () => office.book.signIn(at('ha.tran'), password, home)))
    expect(all).to.have.length(30)
  })
})
