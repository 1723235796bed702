import { expect } from 'chai'
import { makeAppPassword, symbolsOf } from '#mailserver/accounts/apppassword.ts'
import { at, password, refusalOf, smallOffice } from './book.ts'

const ha = at('ha.tran')
const from = (scope: 'imap' | 'pop3' | 'smtp' | 'sieve' | 'web', ip = '192.0.2.7') => ({ ip, scope }) as const
const refusal = async (work: () => unknown) => (await refusalOf(Promise.resolve().then(work))).status

describe('app passwords', () => {
  it('are six groups of four, no two alike, known by their check', () => {
    const made = Array.from({ length: 500 }, makeAppPassword)
    expect(new Set(made).size).to.equal(500)
    for (const each of made) {
      expect(each).to.match(/^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){5}$/)
      expect(symbolsOf(each)).to.equal(each.replaceAll('-', ''))
    }
  })

  const one = makeAppPassword()
  const other = one.startsWith('a') ? 'b' : 'a'
  const cases: [what: string, secret: string, known: boolean][] = [
    ['with spaces', one.replaceAll('-', ' '), true],
    ['in capitals, run together', one.replaceAll('-', '').toUpperCase(), true],
    ['with a line end', `${one}\r\n`, true],
    ['with one letter changed', other + one.slice(1), false],
    ['cut short', one.slice(0, -1), false],
    ['of a megabyte', one + ' '.repeat(1_000_000), false],
    ['that is a word', 'mật khẩu dài 1', false],
    ['that is empty', '', false],
  ]
  for (const [what, secret, known] of cases)
    it(`one ${what} ${known ? 'is' : 'is not'} known`, () => expect(symbolsOf(secret) !== undefined).to.equal(known))

  it('open what they are for, and nothing else', async () => {
    using office = await smallOffice()
    const { password: app, row } = await office.book.addAppPassword({
      address: ha,
      name: ' Máy quét ',
      scopes: ['smtp', 'imap'],
    })
    expect(row).to.deep.include({ name: 'Máy quét', scopes: ['imap', 'smtp'] })
    const session = await office.book.signIn(ha.toUpperCase(), app, from('imap'))
    expect(session).to.deep.include({ appPassword: row.id, service: false })
    await office.book.signIn(ha, app, from('smtp'))
    for (const scope of ['pop3', 'sieve', 'web'] as const)
      expect((await refusalOf(office.book.signIn(ha, app, from(scope)))).status, scope).to.equal(403)
    await office.book.addAccount({ address: at('an'), name: 'An', password })
    expect((await refusalOf(office.book.signIn(at('an'), app, from('imap')))).status, 'another’s').to.equal(401)
    await office.book.setAccount(ha, { password: 'mật khẩu mới 2' })
    expect(office.book.stillGood(session), 'the main password changed').to.equal(true)
    office.book.disable(ha, true)
    expect(office.book.stillGood(session)).to.equal(false)
    expect((await refusalOf(office.book.signIn(ha, app, from('imap')))).status).to.equal(403)
  })

  it('end with their day and when revoked', async () => {
    using office = await smallOffice()
    const { book, clock } = office
    const { password: app } = await book.addAppPassword({
      address: ha,
      name: 'Tạm',
      scopes: ['imap'],
      expires: clock.now + 1_000,
    })
    const session = await book.signIn(ha, app, from('imap'))
    clock.now += 1_000
    expect(book.stillGood(session)).to.equal(false)
    expect((await refusalOf(book.signIn(ha, app, from('imap')))).status).to.equal(401)
    const lasting = await book.addAppPassword({ address: ha, name: 'Lâu', scopes: ['imap'] })
    const second = await book.signIn(ha, lasting.password, from('imap'))
    book.revokeAppPassword(ha, lasting.row.id)
    expect(book.stillGood(second)).to.equal(false)
    expect(await refusal(() => book.revokeAppPassword(ha, lasting.row.id))).to.equal(404)
    await book.addAccount({ address: at('an'), name: 'An' })
    const [tam] = book.appPasswordsOf(ha)
    expect(await refusal(() => book.revokeAppPassword(at('an'), tam!.id)), 'another’s').to.equal(404)
  })

  it('remember their last use, written once a minute', async () => {
    using office = await smallOffice()
    const { book, clock } = office
    const { password: app } = await book.addAppPassword({ address: ha, name: 'Máy', scopes: ['imap', 'smtp'] })
    expect(book.appPasswordsOf(ha)[0]).not.to.have.property('used')
    await book.signIn(ha, app, from('imap'))
    const first = { at: clock.now, ip: '192.0.2.7', scope: 'imap' }
    expect(book.appPasswordsOf(ha)[0]!.used).to.deep.equal(first)
    clock.now += 59_000
    await book.signIn(ha, app, from('smtp', '198.51.100.1'))
    expect(book.appPasswordsOf(ha)[0]!.used).to.deep.equal(first)
    clock.now += 1_000
    await book.signIn(ha, app, from('smtp', '198.51.100.1'))
    expect(book.appPasswordsOf(ha)[0]!.used).to.deep.equal({ at: clock.now, ip: '198.51.100.1', scope: 'smtp' })
  })

  it('are not slowed by somebody’s guesses at the password, nor slow anybody when they have ended', async () => {
    using office = await smallOffice()
    const { book } = office
    const { password: app } = await book.addAppPassword({ address: ha, name: 'Máy', scopes: ['imap'] })
    for (let i = 0; i < 8; i++) await refusalOf(book.signIn(ha, 'sai', from('imap')))
    expect((await refusalOf(book.signIn(ha, password, from('imap')))).status).to.equal(429)
    expect((await book.signIn(ha, app, from('imap'))).account.address).to.equal(ha)
    for (let i = 0; i < 100; i++)
      expect((await refusalOf(book.signIn(at('an'), makeAppPassword(), from('imap', '203.0.113.5')))).status).to.equal(
        401,
      )
    expect((await refusalOf(book.signIn(at('an'), 'sai', from('imap', '203.0.113.5')))).status).to.equal(401)
  })

  it('hold their limits', async () => {
    using office = await smallOffice()
    const { book, clock } = office
    const add = (more: object) => () => book.addAppPassword({ address: ha, name: 'Máy', scopes: ['imap'], ...more })
    for (const more of [
      { name: '' },
      { name: 'x'.repeat(61) },
      { name: 'a\r\nb' },
      { scopes: [] },
      { scopes: ['imap', 'web'] },
      { scopes: ['web'] },
      { expires: clock.now },
      { address: at('motcua.stttt') },
    ])
      expect(await refusal(add(more)), JSON.stringify(more)).to.equal(422)
    expect(await refusal(add({ address: at('khong.co') }))).to.equal(404)
    await Promise.all(Array.from({ length: 30 }, () => add({})()))
    expect(await refusal(add({}))).to.equal(409)
  })

  it('and passwords leave a trace of where they were used, one for each place, and end all at once', async () => {
    using office = await smallOffice()
    const { book, clock } = office
    const id = book.byAddress(ha)!.id
    const { token } = book.issueToken(id)
    const session = await book.signIn(ha, password, from('imap'))
    clock.now += 60_000
    await book.signIn(ha, password, from('imap'))
    const { password: app } = await book.addAppPassword({ address: ha, name: 'Máy', scopes: ['smtp'] })
    const sending = await book.signIn(ha, app, from('smtp'))
    expect(book.lastSignIns(id)).to.have.deep.members([
      { at: clock.now, ip: '192.0.2.7', scope: 'imap', how: 'password' },
      { at: clock.now, ip: '192.0.2.7', scope: 'smtp', how: 'app-password' },
    ])
    for (let i = 0; i < 40; i++) {
      clock.now += 1_000
      await book.signIn(ha, app, from('smtp', `198.51.100.${i}`))
    }
    expect(book.lastSignIns(id).map((s) => s.ip)).to.deep.equal(
      Array.from({ length: 30 }, (_, i) => `198.51.100.${39 - i}`),
    )
    book.signOutEverywhere(id)
    expect([session, sending].map((s) => book.stillGood(s))).to.deep.equal([false, false])
    expect(await refusal(() => book.whoIs(token))).to.equal(401)
    clock.now += 1
    expect(book.stillGood(await book.signIn(ha, app, from('smtp')))).to.equal(true)
  })
})
