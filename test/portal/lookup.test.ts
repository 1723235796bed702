import { expect } from 'chai'
import { loadProvince, provinceFolder } from '#config/load.ts'
import type { PublicCase } from '#kit/act/family.ts'
import { calendar } from '#kit/vi/workdays.ts'
import { verdict } from '#portal/lookup/timeline.ts'
import { apply, openProjection, restart } from '#portal/projection/open.ts'
import { hashSecret, newReference, newSecret } from '#portal/reference.ts'
import { mistakes, PlainBrowser, reference, secret } from './support/browser.ts'
import { type TestPortal, testPortal } from './support/portal.ts'

function publicCase(change: Partial<PublicCase> = {}): PublicCase {
  return {
    case: newReference(),
    seq: 1,
    secretHash: '0'.repeat(64),
    agency: { id: 'stttt', code: '000.00.15.H23', name: 'Sở Thông tin và Truyền thông' },
    procedure: { code: '1.009374', version: 1, name: 'Cấp giấy phép xuất bản bản tin' },
    applicant: 'Hiệp hội <b>Thanh Bình</b>',
    outer: 1,
    stateName: 'Mới đăng ký',
    lodgedAt: '2026-11-02T02:00:00Z',
    steps: [{ seq: 1, at: '2026-11-02T02:00:00Z', kind: 'dossier.lodge', text: 'Nộp hồ sơ trực tuyến', files: [] }],
    ...change,
  }
}
const received: Partial<PublicCase> = {
  outer: 4,
  stateName: 'Đang xử lý',
  code: '000.00.15.H23-261102-0001',
  receivedAt: '2026-11-02T02:00:00Z',
  due: '2026-11-23T09:00:00Z',
}

/** Puts a case into the portal's projection, as its mailbox would. */
function given(portal: TestPortal, c: PublicCase): void {
  const db = openProjection(`${portal.data}/portal/projection.sqlite`)
  restart(db, '1')
  apply(db, 1, { is: 'case', data: c, files: [] })
  db.close()
}

describe('portal: looking a case up', () => {
  it('opens by reference or mã hồ sơ with the secret, in this browser only, until it is closed', async () => {
    await using portal = await testPortal()
    const code = newSecret()
    const c = publicCase({ ...received, secretHash: hashSecret(code)! })
    given(portal, c)
    for (const key of [c.case, c.case.toLowerCase().replaceAll('-', ' '), c.code!]) {
      const browser = new PlainBrowser(portal)
      const page = await browser.post('/tra-cuu', { ma: key, bimat: code.toLowerCase() })
      expect(page.url).to.equal(`/tra-cuu/${c.case}`)
      expect(page.text).to.include('Diễn biến').and.include('Đang xử lý').and.include('class="ruler"')
      expect(page.text).to.include('&lt;b&gt;').and.not.include('<b>Thanh')
      expect((await new PlainBrowser(portal).open(`/tra-cuu/${c.case}`)).url).to.equal(`/tra-cuu?ma=${c.case}`)
      expect((await browser.open(`/tra-cuu/${newReference()}`)).url).to.match(/\?ma=/)
      await browser.post('/tra-cuu/thoat', {})
      expect((await browser.open(`/tra-cuu/${c.case}`)).url).to.match(/\?ma=/)
    }
  })

  it('shows a fresh lodging before any worker has seen it', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    await browser.fill(draft)
    const done = await browser.lodge(draft)
    const page = await browser.post('/tra-cuu', { ma: reference(done), bimat: secret(done) })
    expect(page.text).to.include('Mới đăng ký').and.include('Nộp hồ sơ trực tuyến')
  })

  it('answers a wrong key and a wrong secret alike, and says what a mistyped one should look like', async () => {
    await using portal = await testPortal()
    const c = publicCase({ secretHash: hashSecret(newSecret())! })
    given(portal, c)
    const browser = new PlainBrowser(portal)
    const wrongSecret = await browser.post('/tra-cuu', { ma: c.case, bimat: newSecret() })
    const wrongKey = await browser.post('/tra-cuu', { ma: newReference(), bimat: newSecret() })
    const code = await browser.post('/tra-cuu', { ma: '000.00.15.H23-261102-0001', bimat: newSecret() })
    expect(wrongSecret.status).to.equal(422)
    for (const other of [wrongKey, code]) expect(mistakes(other)).to.deep.equal(mistakes(wrongSecret))
    expect(mistakes(await browser.post('/tra-cuu', { ma: 'K7M2-Q9PX-5', bimat: 'x' })).ma).to.match(/không đúng mẫu/)
    expect(mistakes(await browser.post('/tra-cuu', { ma: '', bimat: '' }))).to.have.keys('ma', 'bimat')
    expect((await browser.post('/tra-cuu', {})).status).to.equal(422)
  })

  it('stops guessing: after twenty wrong tries the right secret does not help for an hour either', async () => {
    await using portal = await testPortal()
    const code = newSecret()
    const c = publicCase({ secretHash: hashSecret(code)! })
    given(portal, c)
    const browser = new PlainBrowser(portal)
    for (let n = 0; n < 20; n++)
      expect((await browser.post('/tra-cuu', { ma: c.case, bimat: newSecret() })).status).to.equal(422)
    expect((await browser.post('/tra-cuu', { ma: c.case, bimat: code })).status).to.equal(429)
    for (let n = 0; n < 20; n++) await browser.post('/tra-cuu', { ma: newReference(), bimat: newSecret() })
    const page = await browser.post('/tra-cuu', { ma: newReference(), bimat: newSecret() })
    expect(page.status).to.equal(429)
    expect(page.text).to.include('Chờ một giờ')
  })

  it('does not believe a forged cookie or an odd address', async () => {
    await using portal = await testPortal()
    const c = publicCase()
    given(portal, c)
    const browser = new PlainBrowser(portal)
    for (const cookie of ['tra-cuu=AAAAAAAAAAAAAAAAAAAAAAAAAA', 'tra-cuu=', "tra-cuu=' or 1=1", `tra-cuu=${c.case}`])
      expect((await browser.open(`/tra-cuu/${c.case}`, { headers: { cookie } })).url).to.match(/^\/tra-cuu\?ma=/)
    for (const path of ['/tra-cuu/..%2f..%2fetc', `/tra-cuu/${c.case}/tep/${'a'.repeat(64)}`, '/tra-cuu/%F0%9F%92%A9'])
      expect((await browser.open(path)).text).to.not.include('Diễn biến')
  })

  it('tells an open page of changes, and nobody else', async () => {
    await using portal = await testPortal()
    const code = newSecret()
    const c = publicCase({ ...received, secretHash: hashSecret(code)! })
    given(portal, c)
    expect((await new PlainBrowser(portal).open(`/tra-cuu/${c.case}/moi`)).status).to.equal(403)
    const body = new URLSearchParams({ ma: c.case, bimat: code })
    const opened = await fetch(`${portal.url}/tra-cuu`, { method: 'POST', body, redirect: 'manual' })
    const cookie = opened.headers.getSetCookie()[0]!
    expect(cookie)
      .to.match(/HttpOnly/)
      .and.match(/SameSite=Lax/)
    const stop = new AbortController()
    const stream = await fetch(`${portal.url}/tra-cuu/${c.case}/moi`, {
      headers: { cookie: cookie.split(';')[0]! },
      signal: stop.signal,
    })
    expect(stream.headers.get('content-type')).to.match(/^text\/event-stream/)
    stop.abort()
  })

  describe('verdict', () => {
    const { holidays, workingSwaps } = loadProvince(provinceFolder('haiduong'))
    const c = calendar(holidays, workingSwaps)
    const cases: [
      what: string,
      state: Partial<PublicCase>,
      unit: 'day' | 'workingDay',
      now: string,
      heading: RegExp,
      detail: RegExp,
      look: string,
    ][] = [
      ['lodged', {}, 'day', '2026-11-02T03:00:00Z', /Mới đăng ký/, /Bộ phận Một cửa/, 'wait'],
      ['under way', received, 'day', '2026-11-10T03:00:00Z', /Đang xử lý/, /Còn 13 ngày, trong 21 ngày/, 'ok'],
      [
        'under way, working days',
        received,
        'workingDay',
        '2026-11-10T03:00:00Z',
        /Đang xử lý/,
        /Còn 9 ngày làm việc, trong 15/,
        'ok',
      ],
      ['nearly due', received, 'workingDay', '2026-11-20T03:00:00Z', /Đang xử lý/, /Còn 1 ngày làm việc/, 'soon'],
      ['due today', received, 'day', '2026-11-23T03:00:00Z', /Đang xử lý/, /trong hôm nay/, 'soon'],
      ['late', received, 'day', '2026-11-25T03:00:00Z', /Đang xử lý/, /Đã quá hẹn trả 2 ngày/, 'late'],
      [
        'done early',
        { ...received, finishedAt: '2026-11-19T03:00:00Z', onTime: true },
        'workingDay',
        '2026-12-01T03:00:00Z',
        /trước hạn 2 ngày làm việc/,
        /Dùng 13 trong 15/,
        'good',
      ],
      [
        'done late',
        { ...received, finishedAt: '2026-11-25T03:00:00Z', onTime: false },
        'day',
        '2026-12-01T03:00:00Z',
        /quá hạn 2 ngày/,
        /Dùng 23/,
        'late',
      ],
      [
        'rejected',
        { outer: 3, stateName: 'Không được tiếp nhận' },
        'day',
        '2026-11-10T03:00:00Z',
        /Không được tiếp nhận/,
        /nộp lại/,
        'bad',
      ],
      [
        'paused',
        { ...received, outer: 5, stateName: 'Yêu cầu bổ sung giấy tờ' },
        'day',
        '2026-11-10T03:00:00Z',
        /bổ sung/,
        /tạm dừng/,
        'wait',
      ],
      [
        'over Tết',
        { ...received, receivedAt: '2026-02-12T02:00:00Z', due: '2026-02-24T09:00:00Z' },
        'workingDay',
        '2026-02-13T03:00:00Z',
        /Đang xử lý/,
        /Còn 2 ngày làm việc, trong 3/,
        'soon',
      ],
    ]
    for (const [what, state, unit, now, heading, detail, look] of cases)
      it(what, () => {
        const v = verdict(publicCase(state), unit, c, now)
        expect(v.heading).to.match(heading)
        expect(v.detail).to.match(detail)
        expect(v.look).to.equal(look)
      })
  })
})
