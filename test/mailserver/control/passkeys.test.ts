/** Passkeys, with Chromium's virtual authenticator (WebAuthn §11) before the real pages and the real control API. */
import { expect } from 'chai'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import type { PasskeyAsk } from '#kit/directory/calls.ts'
import { openDatabase } from '#kit/store/open.ts'
import { createApp } from '#kit/web/app.ts'
import { deskFrame } from '#kit/web/desk.ts'
import { type PasskeySite, passkeySite } from '#kit/web/passkeysite.ts'
import { openSessions } from '#kit/web/session.ts'
import { signInRouter, toSignIn } from '#kit/web/signin/router.ts'
import { faultsOf } from '#test/axe.ts'
import { phone } from '#test/phone.ts'
import { refusalOf } from '../accounts/book.ts'
import { passwords, province, startService } from './service.ts'

const ha = 'ha.tran@haiduong.gov.vn'
const lan = 'lan.pham@haiduong.gov.vn'
const password = passwords[ha]!
const shots = process.env['SHOTS']
const from = { ip: '192.0.2.1', client: 'test' }
const proof = { password, ip: '192.0.2.1' }

async function start() {
  const parts = new AsyncDisposableStack()
  let site: PasskeySite | undefined
  const service = parts.use(await startService({ passkeySite: () => site }))
  service.clock.now = Date.now()
  await service.as('cli').provision({ province, passwords: { ...passwords, [lan]: password } })
  const directory = service.as('desk')
  const sessions = openSessions(parts.adopt(openDatabase(':memory:'), (open) => open.close()))
  const app = createApp({ name: 'desk', layout: 'desk', signIn: toSignIn })
  app.use(deskFrame({ sessions, apps: [], secure: false }))
  const rest = {
    secure: false,
    domain: 'haiduong.gov.vn',
    province: 'Tỉnh Hải Dương',
    portalOrigin: 'http://p.invalid',
  }
  app.use(signInRouter({ directory, sessions, ...rest }))
  const { port } = parts.use(await app.listen('127.0.0.1', 0))
  site = passkeySite(`http://127.0.0.1:${port}`)!
  return {
    service,
    directory,
    origin: site.origin,
    port,
    /** keys hold elsewhere from now on, or nowhere */
    move(to: PasskeySite | undefined) {
      site = to
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

describe('passkeys', function () {
  this.timeout(60_000)
  let browser: Browser
  let desk: Awaited<ReturnType<typeof start>>
  let page: Page
  let cdp: CDPSession
  let authenticatorId: string
  before(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
  })
  after(() => browser.close())
  beforeEach(async () => {
    desk = await start()
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    page = await context.newPage()
    page.on('pageerror', (e) => expect.fail(`script error: ${e.message}`))
    cdp = await context.newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    authenticatorId = (
      await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      })
    ).authenticatorId
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((c) => c.close()))
    await desk[Symbol.asyncDispose]()
  })

  async function looked(name: string): Promise<void> {
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await faultsOf(page), `${name} at ${width}`).to.deep.equal([])
      if (shots) await page.screenshot({ path: `${shots}/passkeys-${name}-${width}.png`, fullPage: true })
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  }
  async function signInByPassword(): Promise<void> {
    await page.goto(`${desk.origin}/dang-nhap?ve=/toi`)
    await page.getByLabel('Địa chỉ thư công vụ').fill('ha.tran')
    await page.getByLabel('Mật khẩu', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Đăng nhập', exact: true }).click()
  }
  async function register(name: string): Promise<void> {
    await page.goto(`${desk.origin}/toi/khoa-truy-cap`)
    await page.getByLabel('Thiết bị', { exact: true }).fill(name)
    await page.getByLabel('Mật khẩu đăng nhập của bạn').fill(password)
    await page.getByRole('button', { name: 'Tiếp tục' }).click()
    await page.getByRole('button', { name: 'Tạo khóa trên thiết bị' }).click()
    await page.getByText('Đã thêm khóa truy cập.').waitFor()
  }
  const signOut = () => page.context().clearCookies()

  /** What the authenticator answers, as the page would send it; `change` is what a hostile page would do to the options. */
  function answer(kind: 'create' | 'get', ask: PasskeyAsk, change: Record<string, unknown> = {}): Promise<string> {
    return page.evaluate(
      async ({ kind, options }) => {
        const creds = navigator.credentials
        const reader = PublicKeyCredential as unknown as Record<
          string,
          (json: unknown) => PublicKeyCredentialCreationOptions
        >
        const publicKey =
          kind === 'create'
            ? reader['parseCreationOptionsFromJSON']!(options)
            : reader['parseRequestOptionsFromJSON']!(options)
        const made = await (kind === 'create' ? creds.create({ publicKey }) : creds.get({ publicKey } as never))
        return JSON.stringify(made)
      },
      { kind, options: { ...ask.options, ...change } },
    )
  }
  /** A key of a person, made without the pages. */
  async function keyOf(address: string, name = 'Máy bàn', change: Record<string, unknown> = {}) {
    if (!page.url().startsWith(desk.origin)) await page.goto(`${desk.origin}/dang-nhap`)
    const ask = await desk.directory['passkey.begin']({ address, proof })
    return desk.directory['passkey.add']({ address, name, answer: await answer('create', ask, change) })
  }
  const enter = async (change: Record<string, unknown> = {}) =>
    answer('get', await desk.directory['auth.passkeyAsk']({}), change)
  const statusOf = async (work: Promise<unknown>) => (await refusalOf(work)).status

  it('are made on the page, sign in without a password, say when they were used, and are removed', async () => {
    await signInByPassword()
    await page.getByText('Khóa truy cậpChưa có').waitFor()
    await page.goto(`${desk.origin}/toi/khoa-truy-cap`)
    await looked('empty')
    await page.getByLabel('Thiết bị', { exact: true }).fill('Điện thoại <b>')
    await page.getByLabel('Mật khẩu đăng nhập của bạn').fill('sai')
    await page.getByRole('button', { name: 'Tiếp tục' }).click()
    await page.getByText('Mật khẩu không đúng.').waitFor()
    expect(await page.getByLabel('Thiết bị', { exact: true }).inputValue()).to.equal('Điện thoại <b>')
    await page.getByLabel('Mật khẩu đăng nhập của bạn').fill(password)
    await page.getByRole('button', { name: 'Tiếp tục' }).click()
    await page.getByRole('button', { name: 'Tạo khóa trên thiết bị' }).waitFor()
    await looked('make')
    await page.getByRole('button', { name: 'Tạo khóa trên thiết bị' }).click()
    await page.getByText('Đã thêm khóa truy cập.').waitFor()
    await page.getByText('Chưa dùng lần nào').waitFor()

    await signOut()
    await page.goto(`${desk.origin}/dang-nhap?ve=/toi/khoa-truy-cap`)
    await page.getByRole('button', { name: 'Đăng nhập bằng khóa truy cập' }).waitFor()
    await looked('sign-in')
    await page.getByRole('button', { name: 'Đăng nhập bằng khóa truy cập' }).click()
    await page.getByText('Dùng lần cuối').waitFor()
    await looked('list')
    const { signIns } = await desk.directory['account.signIns']({ address: ha })
    expect(signIns.map((s) => s.how)).to.include('passkey')

    await page.getByRole('button', { name: 'Gỡ khóa Điện thoại <b>' }).click()
    await page.getByText('Chưa có khóa truy cập nào.').waitFor()
    await signOut()
    await page.goto(`${desk.origin}/dang-nhap`)
    await page.getByRole('button', { name: 'Đăng nhập bằng khóa truy cập' }).click()
    await page.getByText('không dùng được cho tài khoản').waitFor()
  })

  it('are the second factor beside an app or alone, with recovery codes in reserve', async () => {
    await signInByPassword()
    await register('Máy bàn')
    await page.goto(`${desk.origin}/toi/xac-thuc-hai-lop`)
    await looked('second-factor')
    await page.locator('#kw').fill('sai')
    await page.getByRole('button', { name: 'Bật bằng khóa truy cập' }).click()
    await page.getByText('Mật khẩu không đúng.').waitFor()
    await page.locator('#kw').fill(password)
    await page.getByRole('button', { name: 'Bật bằng khóa truy cập' }).click()
    await page.getByText('Mã dự phòng', { exact: true }).first().waitFor()
    const codes = await page.locator('.codes li').allInnerTexts()
    expect(codes).to.have.length(10)
    await looked('second-factor-on')
    // all that the second factor has stays
    await page.goto(`${desk.origin}/toi/khoa-truy-cap`)
    await page.getByRole('button', { name: 'Gỡ khóa Máy bàn' }).click()
    await page.getByText('khóa cuối cùng của xác thực hai lớp').waitFor()
    const mail = { ip: '192.0.2.1', scope: 'imap' } as const
    expect(await statusOf(desk.service.accounts.signIn(ha, password, mail))).to.equal(403)

    await signOut()
    await signInByPassword()
    await page.getByText('đã đúng; còn một bước').waitFor()
    await looked('second-step')
    await page.getByLabel('Mã dự phòng').fill('sai')
    await page.getByRole('button', { name: 'Tiếp tục' }).click()
    await page.getByText('Mã không đúng').waitFor()
    await page.getByRole('button', { name: 'Dùng khóa truy cập' }).click()
    await page.getByRole('heading', { name: 'Tài khoản và cài đặt' }).waitFor()

    await signOut()
    await signInByPassword()
    await page.getByLabel('Mã dự phòng').fill(codes[0]!)
    await page.getByRole('button', { name: 'Tiếp tục' }).click()
    await page.getByRole('heading', { name: 'Tài khoản và cài đặt' }).waitFor()

    await page.goto(`${desk.origin}/toi/xac-thuc-hai-lop`)
    const byKey = page.locator('form[data-passkey]')
    await byKey.getByRole('button', { name: 'Tạo mã dự phòng mới' }).click()
    await page.locator('.codes li').first().waitFor()
    await byKey.getByRole('button', { name: 'Tắt xác thực hai lớp' }).click()
    await page.getByText('Đã tắt.').waitFor()
    expect(await desk.service.accounts.signIn(ha, password, mail)).to.have.property('account')
  })

  it('and an app together: each alone completes a sign-in, and what is taken away leaves the other', async () => {
    const { directory, service } = desk
    const { uri } = await directory['secondFactor.begin']({ address: ha })
    const shows = phone(uri)
    const code = () => {
      service.clock.now += 30_000 // a code is good once
      return shows(service.clock.now)
    }
    const { recoveryCodes } = await directory['secondFactor.confirm']({ address: ha, code: code(), proof })
    const { passkey } = await keyOf(ha, 'Điện thoại')
    const begin = () => directory['auth.signIn']({ address: ha, password, ...from })
    const end = (token: string, shown: { code?: string; answer?: string }) =>
      directory['auth.secondStep']({ token, ...shown, ...from })

    const half = await begin()
    expect([half.second?.app, half.second?.key !== undefined]).to.deep.equal([true, true])
    expect((await end(half.token, { code: code() })).person.address, 'the app').to.equal(ha)
    const other = await begin()
    expect((await end(other.token, { answer: await answer('get', other.second!.key!) })).person.address).to.equal(ha)
    expect((await end((await begin()).token, { code: recoveryCodes[0]! })).person.address, 'a recovery code').to.equal(
      ha,
    )
    expect(await statusOf(end((await begin()).token, { code: recoveryCodes[0]! })), 'once').to.equal(422)
    expect(await directory['secondFactor.state']({ address: ha }))
      .to.include({ on: true, recoveryCodesLeft: 9 })
      .and.to.not.have.property('byKey')

    // without the key the app is still asked for, and recovery codes hold
    await directory['passkey.remove']({ address: ha, id: passkey.id })
    const app = await begin()
    expect([app.second?.app, app.second?.key]).to.deep.equal([true, undefined])
    expect((await end(app.token, { code: code() })).person.address).to.equal(ha)
    expect((await end((await begin()).token, { code: recoveryCodes[1]! })).person.address).to.equal(ha)

    // without the app the key is asked for, and recovery codes hold
    expect(
      await statusOf(directory['secondFactor.end']({ address: ha, code: code(), keepKeys: true })),
      'no key',
    ).to.equal(409)
    const second = await keyOf(ha, 'Máy tính bảng')
    await signInByPassword()
    const byApp = page.locator('form[data-passkey]')
    await byApp.getByRole('button', { name: 'Dùng khóa truy cập' }).click()
    await page.getByRole('heading', { name: 'Tài khoản và cài đặt' }).waitFor()
    await page.goto(`${desk.origin}/toi/xac-thuc-hai-lop`)
    await looked('second-factor-both')
    await page.getByRole('button', { name: 'Bỏ ứng dụng, chỉ dùng khóa' }).click()
    await page.getByText('Đã bỏ ứng dụng.').waitFor()
    expect(await directory['secondFactor.state']({ address: ha })).to.include({
      on: true,
      byKey: true,
      recoveryCodesLeft: 8,
    })
    const key = await begin()
    expect([key.second?.app, key.second?.key !== undefined]).to.deep.equal([false, true])
    expect(await statusOf(end(key.token, { code: code() })), 'the app that was').to.equal(422)
    expect((await end(key.token, { code: recoveryCodes[2]! })).person.address).to.equal(ha)
    await directory['secondFactor.end']({ address: ha })
    await directory['passkey.remove']({ address: ha, id: second.passkey.id })
    const again = phone((await directory['secondFactor.begin']({ address: ha })).uri)
    const anew = () => {
      service.clock.now += 30_000
      return again(service.clock.now)
    }
    await directory['secondFactor.confirm']({ address: ha, code: anew(), proof })

    // without the app, turned off with a code, the key opens the door by itself, and can be the second factor alone
    await keyOf(ha, 'Máy bàn')
    await directory['secondFactor.end']({ address: ha, code: anew() })
    expect(await directory['secondFactor.state']({ address: ha })).to.include({ on: false })
    expect((await begin()).second).to.equal(undefined)
    expect((await directory['auth.passkey']({ answer: await enter(), ...from })).person.address).to.equal(ha)
    const byKey = await directory['secondFactor.byKey']({ address: ha, proof })
    const alone = await begin()
    expect([alone.second?.app, alone.second?.key !== undefined]).to.deep.equal([false, true])
    expect(await statusOf(end(alone.token, { code: anew() })), 'the app that was').to.equal(422)
    expect(await statusOf(end(alone.token, { code: recoveryCodes[3]! })), 'codes that were').to.equal(422)
    expect((await end(alone.token, { code: byKey.recoveryCodes[0]! })).person.address).to.equal(ha)
  })

  it('say at another address where they hold, and where they cannot be', async () => {
    await page.goto(`http://127.0.0.1:${desk.port}/dang-nhap`)
    await page.getByRole('button', { name: 'Đăng nhập bằng khóa truy cập' }).click()
    const link = page.getByRole('link', { name: desk.origin })
    await link.waitFor()
    await looked('elsewhere')
    await link.click()
    await page.getByRole('button', { name: 'Đăng nhập bằng khóa truy cập' }).waitFor()
    await signInByPassword()
    const cookies = await page.context().cookies()
    await page.context().addCookies([{ ...cookies[0]!, domain: '127.0.0.1' }])
    await page.goto(`http://127.0.0.1:${desk.port}/toi/khoa-truy-cap`)
    expect(await page.locator('[data-passkey-not] a').getAttribute('href')).to.equal(`${desk.origin}/toi/khoa-truy-cap`)
    expect(await page.getByLabel('Thiết bị', { exact: true }).isVisible()).to.equal(false)
    desk.move(undefined)
    await page.reload()
    await page.getByText('https và có tên miền').waitFor()
    await signOut()
    await page.goto(`${desk.origin}/dang-nhap`)
    await page.getByRole('button', { name: 'Đăng nhập bằng khóa truy cập' }).click()
    await page.getByText('https và có tên miền').waitFor()
  })

  it('hold at names only, by https or on this machine', () => {
    for (const [origin, rpId, there] of [
      ['https://vp.haiduong.gov.vn', 'vp.haiduong.gov.vn', 'https://vp.haiduong.gov.vn'],
      ['https://vp.haiduong.gov.vn:8443', 'vp.haiduong.gov.vn', 'https://vp.haiduong.gov.vn:8443'],
      ['http://127.0.0.1:8081', 'localhost', 'http://localhost:8081'],
      ['http://[::1]:8081', 'localhost', 'http://localhost:8081'],
      ['http://localhost:8081', 'localhost', 'http://localhost:8081'],
      ['http://vp.haiduong.gov.vn', undefined, ''],
      ['https://10.0.0.5', undefined, ''],
      ['http://10.0.0.5:8081', undefined, ''],
    ] as const)
      expect(passkeySite(origin), origin).to.deep.equal(rpId && { rpId, origin: there })
  })

  it('take an answer once, in time, for what it was asked and from their own site', async () => {
    const { passkey } = await keyOf(ha)
    const first = await enter()
    expect((await desk.directory['auth.passkey']({ answer: first, ...from })).person.address).to.equal(ha)
    expect(await statusOf(desk.directory['auth.passkey']({ answer: first, ...from })), 'replayed').to.equal(422)
    expect((await desk.directory['passkey.list']({ address: ha })).passkeys[0]!.blocked).to.equal(undefined)

    const late = await enter()
    desk.service.clock.now += 10 * 60_000
    expect(await statusOf(desk.directory['auth.passkey']({ answer: late, ...from })), 'expired').to.equal(422)

    const other = await enter()
    const { rpId, origin } = passkeySite(desk.origin)!
    for (const site of [
      { rpId, origin: 'http://localhost:1' },
      { rpId, origin: 'https://localhost' },
      { rpId: 'haiduong.gov.vn', origin },
    ]) {
      desk.move(site)
      expect(await statusOf(desk.directory['auth.passkey']({ answer: other, ...from })), site.origin).to.equal(422)
    }
    desk.move({ rpId, origin })
    const asked = await desk.directory['passkey.begin']({ address: lan, proof })
    for (const [what, made] of [
      ['a challenge of registration', await enter({ challenge: asked.options['challenge'] })],
      ['a challenge of their own', await enter({ challenge: Buffer.alloc(54, 1).toString('base64url') })],
      ['a changed signature', other.replace(/("signature":"[^"]{20})./, '$1A').replace('AA', 'BB')],
    ] as const)
      expect(await statusOf(desk.directory['auth.passkey']({ answer: made, ...from })), what).to.equal(422)
    const untouched = await enter()
    await desk.directory['passkey.remove']({ address: ha, id: passkey.id })
    expect(await statusOf(desk.directory['auth.passkey']({ answer: untouched, ...from })), 'removed').to.equal(422)
  })

  it('ask for their owner where they stand for the password', async () => {
    await keyOf(ha)
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    const unverified = await enter({ userVerification: 'discouraged' })
    const refused = await refusalOf(desk.directory['auth.passkey']({ answer: unverified, ...from }))
    expect([refused.status, refused.advice.includes('vân tay')]).to.deep.equal([403, true])
  })

  it('open only the account that they are of', async () => {
    await keyOf(lan)
    const [mine] = (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials
    await keyOf(ha)
    await desk.directory['secondFactor.byKey']({ address: ha, proof })
    const half = await desk.directory['auth.signIn']({ address: ha, password, ...from })
    const key = half.second!.key!
    const foreign = await answer('get', key, {
      allowCredentials: [{ type: 'public-key', id: Buffer.from(mine!.credentialId, 'base64').toString('base64url') }],
    })
    expect(await statusOf(desk.directory['auth.secondStep']({ token: half.token, answer: foreign, ...from }))).to.equal(
      422,
    )
    const right = await answer('get', key)
    const again = await desk.directory['auth.signIn']({ address: ha, password, ...from })
    expect(
      await statusOf(desk.directory['auth.secondStep']({ token: again.token, answer: right, ...from })),
      'asked for another sign-in',
    ).to.equal(422)
    await desk.directory['auth.secondStep']({ token: half.token, answer: right, ...from })
    expect(
      await statusOf(desk.directory['auth.secondStep']({ token: half.token, answer: right, ...from })),
      'twice',
    ).to.equal(401)
    expect(await statusOf(desk.directory['secondFactor.end']({ address: ha, answer: foreign }))).to.equal(422)
    // whoever has lost everything goes to an administrator
    await desk.service.as('cli')['secondFactor.end']({ address: ha })
    const plain = await desk.directory['auth.signIn']({ address: ha, password, ...from })
    expect(plain.second).to.equal(undefined)
  })

  it('are blocked when two of one are about, until they are removed', async () => {
    const { passkey } = await keyOf(ha)
    const [made] = (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials
    await desk.directory['auth.passkey']({ answer: await enter(), ...from })
    await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: made!.credentialId })
    await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...made!, signCount: 0 } })
    const copied = await refusalOf(desk.directory['auth.passkey']({ answer: await enter(), ...from }))
    expect([copied.status, copied.advice.includes('sao chép')]).to.deep.equal([403, true])
    for (let i = 0; i < 3; i++) await statusOf(desk.directory['auth.passkey']({ answer: await enter(), ...from }))
    expect(await statusOf(desk.directory['auth.passkey']({ answer: await enter(), ...from })), 'ahead again').to.equal(
      403,
    )
    expect((await desk.directory['passkey.list']({ address: ha })).passkeys[0]!.blocked).to.be.a('string')
    expect(await statusOf(desk.directory['secondFactor.byKey']({ address: ha, proof })), 'no factor').to.equal(409)
    await signInByPassword()
    await page.goto(`${desk.origin}/toi/khoa-truy-cap`)
    await page.getByText('Đã chặn').waitFor()
    await looked('blocked')
    await desk.service.as('cli')['passkey.remove']({ address: ha, id: passkey.id })
  })

  it('take no certificates, no key twice, no more than twenty, and no nonsense', async () => {
    await page.goto(`${desk.origin}/dang-nhap`)
    const ask = await desk.directory['passkey.begin']({ address: ha, proof })
    const attested = await answer('create', ask, { attestation: 'direct' })
    const refused = await refusalOf(desk.directory['passkey.add']({ address: ha, name: 'Khóa', answer: attested }))
    expect([refused.status, refused.message.includes('nobody asked for')]).to.deep.equal([422, true])
    expect(await statusOf(keyOf(ha, ' \n '))).to.equal(422)
    expect(await statusOf(desk.directory['passkey.begin']({ address: ha })), 'no password').to.equal(422)
    expect(
      await statusOf(desk.directory['passkey.begin']({ address: 'motcua.stttt@haiduong.gov.vn', proof })),
    ).to.equal(422)

    const again = await desk.directory['passkey.begin']({ address: ha, proof })
    const made = await answer('create', again)
    await desk.directory['passkey.add']({ address: ha, name: 'Khóa', answer: made })
    expect(await statusOf(desk.directory['passkey.add']({ address: ha, name: 'Khóa', answer: made }))).to.equal(422)

    const nested = `${'['.repeat(8000)}${']'.repeat(8000)}`
    const object = Buffer.from([0xa3, ...Buffer.alloc(9000, 0x81)]).toString('base64url')
    const response = { clientDataJSON: 'e30', attestationObject: object }
    const { id } = JSON.parse(made) as { id: string }
    for (const nonsense of [
      '',
      '{',
      'null',
      '[]',
      '{"id":1}',
      '{"__proto__":{"id":"x"}}',
      nested,
      JSON.stringify({ id, rawId: id, type: 'public-key' }),
      JSON.stringify({
        id,
        rawId: id,
        type: 'public-key',
        response: { clientDataJSON: '%%', authenticatorData: '', signature: 3 },
      }),
      JSON.stringify({ id, rawId: id, type: 'public-key', response }),
    ]) {
      expect(
        await statusOf(desk.directory['auth.passkey']({ answer: nonsense, ...from })),
        nonsense.slice(0, 80),
      ).to.equal(422)
      expect(await statusOf(desk.directory['passkey.add']({ address: ha, name: 'Khóa', answer: nonsense }))).to.equal(
        422,
      )
    }
    expect(await statusOf(desk.directory['auth.passkey']({ answer: 'x'.repeat(20_000), ...from }))).to.equal(400)

    for (let i = 1; i < 20; i++)
      await keyOf(ha, `Khóa ${i}`, {
        excludeCredentials: [],
        user: { id: Buffer.from(`user ${i}`).toString('base64url'), name: 'x', displayName: 'x' },
      })
    expect(await statusOf(desk.directory['passkey.begin']({ address: ha, proof }))).to.equal(409)
  })
})
