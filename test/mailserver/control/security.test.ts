/** The person's own security pages and the two steps of the sign-in, with the real control API behind them. */
import { expect } from 'chai'
import { openDatabase } from '#kit/store/open.ts'
import { createApp } from '#kit/web/app.ts'
import { deskFrame } from '#kit/web/desk.ts'
import { openSessions } from '#kit/web/session.ts'
import { signInRouter, toSignIn } from '#kit/web/signin/router.ts'
import { codeAt, stepOf } from '#mailserver/accounts/totp.ts'
import { passwords, province, startService } from './service.ts'

const ha = 'ha.tran@haiduong.gov.vn'
const appPasswords = '/toi/mat-khau-ung-dung'
const secondFactor = '/toi/xac-thuc-hai-lop'

async function start() {
  const parts = new AsyncDisposableStack()
  const service = parts.use(await startService())
  service.clock.now = Date.now()
  await service.as('cli').provision({ province, passwords })
  const directory = service.as('desk')
  const db = parts.adopt(openDatabase(':memory:'), (open) => open.close())
  const sessions = openSessions(db)
  const app = createApp({ name: 'desk', layout: 'desk', signIn: toSignIn })
  app.use(deskFrame({ sessions, apps: [], secure: false }))
  const rest = { secure: false, domain: 'haiduong.gov.vn', province: 'Tỉnh', portalOrigin: 'http://portal.invalid' }
  app.use(signInRouter({ directory, sessions, ...rest }))
  const { origin } = parts.use(await app.listen('127.0.0.1', 0))
  let cookie = ''
  async function answer(sent: Promise<Response>) {
    const response = await sent
    const set = response.headers.get('set-cookie')
    if (set) cookie = set.split(';')[0]!
    return {
      status: response.status,
      to: response.headers.get('location'),
      text: await response.text(),
      headers: response.headers,
    }
  }
  return {
    service,
    get: (path: string) => answer(fetch(origin + path, { headers: { cookie }, redirect: 'manual' })),
    post: (path: string, body: Record<string, string>) =>
      answer(
        fetch(origin + path, {
          method: 'POST',
          headers: { cookie, origin },
          body: new URLSearchParams(body),
          redirect: 'manual',
        }),
      ),
    /** of the session, which is no password */
    token: () => sessions.find(cookie.slice('congso='.length))!.token,
    signOut: () => {
      cookie = ''
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
const signIn = { address: 'ha.tran', password: passwords[ha]!, back: '/toi' }
const password = passwords[ha]!
const hidden = (text: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)![1]!

describe('security pages', () => {
  it('make an app password, show it once, and revoke it', async () => {
    await using desk = await start()
    expect((await desk.get(appPasswords)).to).to.match(/^\/dang-nhap/)
    expect((await desk.post('/dang-nhap', signIn)).to).to.equal('/toi')
    expect((await desk.get('/toi')).text)
      .to.contain('Mật khẩu ứng dụng')
      .and.contain('Chưa có')
    const made = await desk.post(appPasswords, { name: 'Máy <b>quét</b>', smtp: '1', expires: '31/12/2099', password })
    expect(made.status).to.equal(200)
    expect(made.headers.get('cache-control')).to.equal('no-store')
    expect(made.text).not.to.contain('<b>quét')
    const secret = /<strong id="secret">([^<]+)</.exec(made.text)![1]!
    expect(
      (await desk.service.accounts.signIn(ha, secret, { ip: '192.0.2.1', scope: 'smtp' })).account.address,
    ).to.equal(ha)
    const list = await desk.get(appPasswords)
    expect(list.text).not.to.contain(secret)
    expect(list.text).to.contain('dùng đến 01/01').and.contain('địa chỉ 192.0.2.1')
    // not what somebody signs in with here
    expect((await desk.post('/dang-nhap', { ...signIn, password: secret })).status).to.equal(403)
    const id = hidden(list.text, 'id')
    expect((await desk.post(`${appPasswords}/thu-hoi`, { id })).to).to.equal(`${appPasswords}?xong=thu-hoi`)
    expect((await desk.post(`${appPasswords}/thu-hoi`, { id })).status).to.equal(404)
    expect(await desk.service.as('cli')['appPassword.list']({ address: ha })).to.deep.equal({ appPasswords: [] })
  })

  it('say beside the field what is wrong, and keep what was typed', async () => {
    await using desk = await start()
    await desk.post('/dang-nhap', signIn)
    for (const [body, why] of [
      [{ name: '', imap: '1' }, 'why-name'],
      [{ name: 'Máy bàn', imap: '1', password: 'sai' }, 'why-password'],
      [{ name: 'Máy bàn', imap: '1', password: '' }, 'why-password'],
      [{ name: 'Máy bàn' }, 'why-scopes'],
      [{ name: 'Máy bàn', imap: '1', expires: 'mai' }, 'why-expires'],
      [{ name: 'Máy bàn', imap: '1', expires: '01/01/2020' }, 'why-expires'],
    ] as const) {
      const answer = await desk.post(appPasswords, { password, ...body } as Record<string, string>)
      expect(answer.status).to.equal(422)
      expect(answer.text).to.contain(`id="${why}"`).and.contain(`value="${body.name}"`)
    }
  })

  it('turn the second factor on, and then the sign-in has two steps', async () => {
    await using desk = await start()
    const { clock } = desk.service
    await desk.post('/dang-nhap', signIn)
    const page = await desk.get(secondFactor)
    expect(page.text)
      .to.contain('<svg class="qr-code"')
      .and.not.match(/<svg[^>]*style=/)
    const secret = (await desk.service.as('desk')['secondFactor.begin']({ address: ha })).secret
    const bits = [...secret]
      .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
      .join('')
    const octets = Buffer.from(bits.match(/.{8}/g)!.map((eight) => Number.parseInt(eight, 2)))
    const code = () => codeAt(octets, stepOf(clock.now))
    expect((await desk.post(secondFactor, { act: 'on', code: '000000', password })).text).to.contain('Mã không đúng')
    for (const wrong of ['', 'sai', desk.token()])
      expect((await desk.post(secondFactor, { act: 'on', code: code(), password: wrong })).text, wrong).to.contain(
        'id="why-w"',
      )
    const on = await desk.post(secondFactor, { act: 'on', code: code(), password })
    const recovery = [...on.text.matchAll(/<li>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})<\/li>/g)].map((m) => m[1]!)
    expect(recovery).to.have.length(10)
    expect((await desk.get('/toi')).text).to.contain('Đang bật')

    desk.signOut()
    const first = await desk.post('/dang-nhap', signIn)
    expect(first.status).to.equal(200)
    expect(first.headers.get('set-cookie')).to.equal(null)
    const half = hidden(first.text, 'half')
    expect((await desk.get('/toi')).to, 'half a sign-in opens nothing').to.match(/^\/dang-nhap/)
    const wrong = await desk.post('/dang-nhap/ma', { half, address: ha, back: '/toi', code: '123456' })
    expect(wrong.status).to.equal(422)
    expect(wrong.text).to.contain('Mã không đúng')
    expect((await desk.post('/dang-nhap/ma', { half, back: '//evil.example', code: recovery[0]! })).to).to.equal('/')
    expect((await desk.get('/toi')).status).to.equal(200)
    const again = await desk.post('/dang-nhap/ma', { half, back: '/toi', code: recovery[1]! })
    expect(again.text, 'half a sign-in is whole once').to.contain('đăng nhập lại từ đầu')

    expect(
      (await desk.post(secondFactor, { act: 'off', code: '' })).status,
      'no code is not the administrator',
    ).to.equal(422)
    clock.now += 60_000
    const renewed = await desk.post(secondFactor, { act: 'codes', code: code() })
    expect(renewed.text).to.contain('Mã dự phòng').and.not.contain(recovery[2]!)
    clock.now += 60_000
    expect((await desk.post(secondFactor, { act: 'off', code: code() })).to).to.equal(`${secondFactor}?xong=tat`)
    desk.signOut()
    expect((await desk.post('/dang-nhap', signIn)).to).to.equal('/toi')
  })
})
