import { expect } from 'chai'
import { Router } from 'express'
import { Refusal } from '#kit/refusal.ts'
import { requireSession } from '#kit/web/session.ts'
import { safeReturn } from '#kit/web/signin/router.ts'
import { ha, startTestDesk } from './desk.ts'

const breaking = () => {
  const router = Router()
  router.get('/refused', () => {
    throw new Refusal(409, 'Văn bản này vừa được người khác chuyển.', 'stale')
  })
  router.get('/broken', () => {
    throw new Error('secret detail')
  })
  router.get('/mine', requireSession, (_req, res) => void res.send('mine'))
  router.post('/do', (req, res) => void res.json(req.body))
  return [router]
}

describe('web application', () => {
  let desk: Awaited<ReturnType<typeof startTestDesk>>
  before(async () => {
    desk = await startTestDesk({ routers: breaking })
  })
  after(() => desk[Symbol.asyncDispose]())
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(desk.origin + path, { redirect: 'manual', headers: { accept: 'text/html', ...headers } })
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(desk.origin + path, {
      method: 'POST',
      redirect: 'manual',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', ...headers },
    })

  it('gives each answer a reference and a policy that allows this origin only', async () => {
    const answer = await get('/dang-nhap')
    expect(answer.headers.get('x-request-ref')).to.match(/^[0-9A-F]{4}-[0-9A-F]{4}$/)
    expect(answer.headers.get('content-security-policy')).to.include("script-src 'self'").and.not.include('unsafe')
    expect(answer.headers.get('cache-control')).to.equal('no-store')
  })

  it('serves assets for ever under an address of their own', async () => {
    const page = await (await get('/dang-nhap')).text()
    const css = /href="(\/assets\/[^"]+desk\.css)"/.exec(page)![1]!
    const answer = await get(css)
    expect(answer.headers.get('cache-control')).to.include('immutable')
    expect(answer.headers.get('content-type')).to.include('text/css')
    const text = await answer.text()
    expect(text).to.include('--lam').and.not.include('.woff)')
    for (const [, file] of text.matchAll(/url\((?:\.\/)?([a-z]+\/[^)"']+woff2)\)/g)) {
      const font = await get(css.replace('desk.css', file!))
      expect(font.status, file).to.equal(200)
      await font.arrayBuffer()
    }
    expect((await get('/assets/0123/../../package.json')).status).to.equal(404)
    expect((await get('/assets/0123/constructor')).status).to.equal(404)
  })

  it('says a refusal in its own words, and an error of ours without its detail', async () => {
    const refused = await get('/refused', { cookie: desk.cookie })
    expect(refused.status).to.equal(409)
    expect(await refused.text())
      .to.include('Văn bản này vừa được người khác chuyển.')
      .and.include('Trần Thị Thu Hà')
    const broken = await get('/broken')
    const text = await broken.text()
    expect(broken.status).to.equal(500)
    expect(text).to.include(broken.headers.get('x-request-ref')).and.not.include('secret detail')
    expect((await get('/khong-co')).status).to.equal(404)
  })

  const origins: [what: string, headers: Record<string, string>, status: number][] = [
    ['the same page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['a program', {}, 200],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour of the same domain', { 'sec-fetch-site': 'same-site' }, 403],
    ['another site in an old browser', { origin: 'http://evil.example' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['another port', { origin: 'http://127.0.0.1:1' }, 403],
  ]
  for (const [what, headers, status] of origins)
    it(`a post from ${what}: ${status}`, async () => {
      expect((await post('/do', 'a=1', headers)).status).to.equal(status)
    })

  it('bounds what a form may hold', async () => {
    const answer = await post('/do', `a=${'x'.repeat(600_000)}`)
    expect(answer.status).to.equal(413)
    expect(await answer.text()).to.include('Rút ngắn')
  })

  it('leads to the sign-in and back', async () => {
    const away = await get('/mine?x=1')
    expect(away.headers.get('location')).to.equal('/dang-nhap?ve=%2Fmine%3Fx%3D1')
    const signed = await post(
      '/dang-nhap',
      new URLSearchParams({ address: 'Ha.Tran', password: 'mật khẩu', back: '/mine' }).toString(),
    )
    expect(signed.status).to.equal(303)
    expect(signed.headers.get('location')).to.equal('/mine')
    const set = signed.headers.get('set-cookie')!
    expect(set).to.include('HttpOnly').and.include('SameSite=Lax')
    const cookie = set.split(';')[0]!
    expect(await (await get('/mine', { cookie })).text()).to.equal('mine')
    expect((await post('/dang-xuat', '', { cookie })).headers.get('location')).to.equal('/dang-nhap')
    expect(desk.ended).to.include('token-1')
    expect((await get('/mine', { cookie })).status).to.equal(303)
  })

  it('ends a session whose token ended elsewhere, without leading in a circle', async () => {
    const value = desk.sessions.begin({ token: 'gone', person: ha, expires: '2100-01-01T00:00:00Z', ip: '', agent: '' })
    desk.ended.push('gone')
    const cookie = `congso=${value}`
    expect((await get('/mine', { cookie })).headers.get('location')).to.match(/^\/dang-nhap/)
    expect((await get('/dang-nhap', { cookie })).status).to.equal(200)
    expect(desk.sessions.find(value)).to.equal(undefined)
  })

  it('ends the event stream of a session that ended', async () => {
    const value = desk.sessions.begin({ token: 's', person: ha, expires: '2100-01-01T00:00:00Z', ip: '', agent: '' })
    const stream = await get('/truc-tiep', { cookie: `congso=${value}`, accept: 'text/event-stream' })
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).to.include('retry')
    desk.app.hub.send(ha.address, 'count', { app: 'mail', n: 1 })
    expect((await reader.read()).value).to.equal('event: count\ndata: {"app":"mail","n":1}\n\n')
    for (const s of desk.sessions.of(ha.address)) if (s.token === 's') desk.sessions.end(s.id)
    desk.app.hub.send(ha.address, 'count', { app: 'mail', n: 2 })
    expect((await reader.read()).done).to.equal(true)
  })

  it('ends in good order while pages listen', async () => {
    const other = await startTestDesk()
    const stream = await fetch(`${other.origin}/truc-tiep`, { headers: { cookie: other.cookie } })
    const begun = performance.now()
    await other[Symbol.asyncDispose]()
    expect(performance.now() - begun).to.be.below(4_500) // without it: the grace of 5 s
    expect(await stream.text()).to.include('retry')
  })

  it('lets the oldest of too many tabs go, and tells it', async () => {
    const open = []
    for (let n = 0; n < 5; n++) open.push(await get('/truc-tiep', { cookie: desk.cookie, accept: 'text/event-stream' }))
    expect(await open[0]!.text()).to.include('event: enough')
    await Promise.all(open.slice(1).map((r) => r.body?.cancel()))
  })

  it('says why a sign-in was refused, and keeps the address', async () => {
    const wrong = await post('/dang-nhap', 'address=ha.tran&password=x')
    expect(wrong.status).to.equal(422)
    expect(await wrong.text())
      .to.include('Còn 3 lần thử')
      .and.include('value="ha.tran"')
    const slowed = await post('/dang-nhap', 'address=slow&password=x')
    expect(slowed.status).to.equal(429)
    expect(await slowed.text()).to.include('sau 30 giây')
  })

  const returns: [given: unknown, want: string][] = [
    ['/ho-so/K7M2-Q9PX-4?tab=1', '/ho-so/K7M2-Q9PX-4?tab=1'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/a\r\nSet-Cookie: x=1', '/'],
    ['/\t/evil.example', '/'],
    ['/dang-nhap', '/'],
    [['/a'], '/'],
    [undefined, '/'],
  ]
  for (const [given, want] of returns)
    it(`goes back to ${JSON.stringify(given)} as ${want}`, () => expect(safeReturn(given)).to.equal(want))
})
