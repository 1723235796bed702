import { expect } from 'chai'
import type { AccountBook } from '#mailserver/accounts/open.ts'
import { base32, codeAt, keyUri, stepOf, stepThatFits } from '#mailserver/accounts/totp.ts'
import { phone } from '#test/phone.ts'
import { at, password, refusalOf, smallOffice } from './book.ts'
import { ScramClient } from './sasl/scramclient.ts'
import { talk, verdict } from './sasl/talk.ts'

const ha = at('ha.tran')
const mail = { ip: '192.0.2.7', scope: 'imap' } as const
const web = { ip: '192.0.2.7', scope: 'web' } as const

/** The second step, as the page takes it. */
const complete = (book: AccountBook, half: string, code: string) =>
  book.completeSignIn(half, book.tryHalf(half), { code })
const refusal = async (work: () => unknown) => (await refusalOf(Promise.resolve().then(work))).status

describe('second factor', () => {
  it('makes the codes of RFC 6238 appendix B', () => {
    const secret = Buffer.from('12345678901234567890')
    for (const [time, code] of [
      [59, '94287082'],
      [1111111109, '07081804'],
      [1111111111, '14050471'],
      [1234567890, '89005924'],
      [2000000000, '69279037'],
      [20000000000, '65353130'],
    ] as const)
      expect(codeAt(secret, stepOf(time * 1000), 8)).to.equal(code)
  })

  it('spells secrets as RFC 4648 says, and URIs as apps read them', () => {
    for (const [text, spelt] of [
      ['f', 'MY'],
      ['fo', 'MZXQ'],
      ['foobar', 'MZXW6YTBOI'],
    ] as const)
      expect(base32(Buffer.from(text))).to.equal(spelt)
    expect(keyUri(Buffer.from('foobar'), ha, 'Công Sở')).to.equal(
      'otpauth://totp/C%C3%B4ng%20S%E1%BB%9F:ha.tran%40haiduong.gov.vn?secret=MZXW6YTBOI&issuer=C%C3%B4ng%20S%E1%BB%9F',
    )
  })

  const secret = Buffer.alloc(20, 1)
  const now = 1_800_000_015_000
  const here = stepOf(now)
  const codes: [what: string, code: string, after: number, fits: boolean][] = [
    ['of now', codeAt(secret, here), 0, true],
    ['of half a minute ago', codeAt(secret, here - 1), 0, true],
    ['of a clock that is ahead', codeAt(secret, here + 1), 0, true],
    ['of a minute ago', codeAt(secret, here - 2), 0, false],
    ['used already', codeAt(secret, here), here, false],
    ['older than one that was used', codeAt(secret, here - 1), here, false],
    ['used a moment before the clock was set right', codeAt(secret, here), here + 2, false],
    ['of now after one that a clock took which has been put back', codeAt(secret, here), here + 1_000_000, true],
    ['nothing', '', 0, false],
    ['five digits', codeAt(secret, here).slice(1), 0, false],
    [
      'full-width digits',
      codeAt(secret, here).replace(/\d/g, (d) => String.fromCodePoint(0xff10 + Number(d))),
      0,
      false,
    ],
  ]
  for (const [what, code, after, fits] of codes)
    it(`a code ${what} ${fits ? 'fits' : 'does not'}`, () =>
      expect(stepThatFits(secret, code, now, after) !== undefined).to.equal(fits))

  async function enrolled() {
    const office = await smallOffice()
    const { uri, secret } = office.book.beginSecondFactor(ha)
    expect(office.book.beginSecondFactor(ha).secret).to.equal(secret) // the page loaded again shows the same picture
    const code = phone(uri)
    const recovery = office.book.confirmSecondFactor(ha, code(office.clock.now))
    return { ...office, code, recovery, [Symbol.dispose]: () => office[Symbol.dispose]() }
  }

  it('is off until the first code, and then wants one on pages and an app password elsewhere', async () => {
    using office = await smallOffice()
    const session = await office.book.signIn(ha, password, mail)
    const { uri } = office.book.beginSecondFactor(ha)
    expect(await refusal(() => office.book.confirmSecondFactor(ha, '000000'))).to.equal(422)
    expect(office.book.secondFactorOf(ha).on).to.equal(false)
    expect(office.book.stillGood(session)).to.equal(true)
    office.book.confirmSecondFactor(ha, phone(uri)(office.clock.now))
    expect(office.book.secondFactorOf(ha)).to.deep.include({ on: true, recoveryCodesLeft: 10 })
    expect(office.book.stillGood(session), 'a mail program with the main password').to.equal(false)
    expect(await refusal(() => office.book.beginSecondFactor(ha))).to.equal(409)
    // pages: the password is the first half
    const { account } = await office.book.signIn(ha, password, web)
    expect(office.book.needsSecondFactor(account.id)).to.equal(true)
    // mail programs: told why, but only with the right password
    const told = await refusalOf(office.book.signIn(ha, password, mail))
    expect(told.status).to.equal(403)
    expect(told.advice).to.contain('mật khẩu ứng dụng')
    expect((await refusalOf(office.book.signIn(ha, 'sai', mail))).status).to.equal(401)
    const { password: app } = await office.book.addAppPassword({ address: ha, name: 'Máy', scopes: ['imap'] })
    expect(office.book.stillGood(await office.book.signIn(ha, app, mail))).to.equal(true)
  })

  it('takes the main password out of SCRAM, also when it changes, and leaves app passwords', async () => {
    using office = await enrolled()
    const scram = async (secret: string) => {
      const client = new ScramClient(ha, secret)
      return verdict(
        await talk(office.book, 'SCRAM-SHA-256', { initial: client.first(), responses: [(c) => client.final(c), ''] }),
      )
    }
    expect(await scram(password)).to.equal('401')
    await office.book.setAccount(ha, { password: 'mật khẩu mới 2' })
    await office.book.signIn(ha, 'mật khẩu mới 2', web)
    expect(await scram('mật khẩu mới 2')).to.equal('401')
    const { password: app } = await office.book.addAppPassword({ address: ha, name: 'Máy', scopes: ['imap'] })
    expect(await scram(app)).to.equal('signed-in')
  })

  it('completes a sign-in once, with a code once', async () => {
    using office = await enrolled()
    const { book, clock, code } = office
    const id = book.byAddress(ha)!.id
    const { token: half } = book.issueHalfToken(id)
    expect(await refusal(() => book.whoIs(half)), 'half a token is none').to.equal(401)
    expect((await refusalOf(book.signIn(ha, half, mail))).status).to.equal(401)
    expect(await refusal(() => complete(book, half, code(clock.now))), 'the code that turned it on').to.equal(422)
    clock.now += 30_000
    const { token } = complete(book, half, ` ${code(clock.now).replace(/^.../, '$& ')} `)
    expect(book.whoIs(token).account.address).to.equal(ha)
    expect(await refusal(() => complete(book, half, code(clock.now)))).to.equal(401)
    expect(await refusal(() => complete(book, book.issueHalfToken(id).token, code(clock.now)))).to.equal(422)
  })

  it('ends half a sign-in after ten minutes and after five tries', async () => {
    using office = await enrolled()
    const { book, clock, code } = office
    const id = book.byAddress(ha)!.id
    const { token: late } = book.issueHalfToken(id)
    clock.now += 10 * 60_000
    expect(await refusal(() => complete(book, late, code(clock.now)))).to.equal(401)
    const { token: half } = book.issueHalfToken(id)
    for (let i = 0; i < 5; i++) expect(await refusal(() => complete(book, half, '123'))).to.equal(422)
    expect(await refusal(() => complete(book, half, code(clock.now)))).to.equal(401)
  })

  it('slows guesses at codes, however often the password is shown again', async () => {
    using office = await enrolled()
    const { book, clock, code } = office
    const id = book.byAddress(ha)!.id
    const statuses: number[] = []
    for (let i = 0; i < 8; i++) {
      await book.signIn(ha, password, web)
      statuses.push(await refusal(() => complete(book, book.issueHalfToken(id).token, '000000')))
    }
    expect(statuses).to.deep.equal([422, 422, 422, 422, 422, 422, 429, 429])
    clock.now += 60_000
    expect(book.whoIs(complete(book, book.issueHalfToken(id).token, code(clock.now)).token).account.id).to.equal(id)
  })

  it('takes each recovery code once, and new ones end the old', async () => {
    using office = await enrolled()
    const { book, clock, code, recovery } = office
    const id = book.byAddress(ha)!.id
    expect(new Set(recovery).size).to.equal(10)
    for (const each of recovery) expect(each).to.match(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/)
    const use = (one: string) => complete(book, book.issueHalfToken(id).token, one)
    use(recovery[0]!.toUpperCase().replaceAll('-', ' '))
    expect(await refusal(() => use(recovery[0]!))).to.equal(422)
    expect(book.secondFactorOf(ha).recoveryCodesLeft).to.equal(9)
    clock.now += 30_000
    const fresh = book.renewRecoveryCodes(ha, { code: code(clock.now) })
    expect(await refusal(() => use(recovery[1]!))).to.equal(422)
    use(fresh[0]!)
  })

  it('is turned off by the person with a code, by an administrator without', async () => {
    using office = await enrolled()
    expect(await refusal(() => office.book.endSecondFactor(ha, { code: '000000' }))).to.equal(422)
    office.book.endSecondFactor(ha, { code: office.recovery[3]! })
    expect(office.book.secondFactorOf(ha).on).to.equal(false)
    expect((await office.book.signIn(ha, password, mail)).account.address).to.equal(ha)
    const { uri } = office.book.beginSecondFactor(ha)
    office.clock.now += 60_000
    office.book.confirmSecondFactor(ha, phone(uri)(office.clock.now))
    office.book.endSecondFactor(ha, 'administrator')
    expect(await refusal(() => office.book.endSecondFactor(ha, 'administrator'))).to.equal(404)
  })
})
