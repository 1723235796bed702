import { expect } from 'chai'
import { openDatabase } from '#kit/store/open.ts'
import { createApp } from '#kit/web/app.ts'
import { deskFrame } from '#kit/web/desk.ts'
import { openSessions, type Sessions } from '#kit/web/session.ts'
import { adminPages } from '#mailserver/admin/router.ts'
import { letter, passwords, province, startService } from '#test/mailserver/control/service.ts'

const ha = 'ha.tran@haiduong.gov.vn'
const lan = 'lan.pham@haiduong.gov.vn'
const motcua = 'motcua.stttt@haiduong.gov.vn'
const so = 'so.stttt@haiduong.gov.vn'
const quantri = 'quantri@haiduong.gov.vn'
const page = (address: string) => `/quan-tri/hop-thu/${encodeURIComponent(address)}`

describe('administration pages', () => {
  const parts = new AsyncDisposableStack()
  let service: Awaited<ReturnType<typeof startService>>
  let origin: string
  const cookies = new Map<string, string>()
  let deskSessions: Sessions

  before(async () => {
    service = parts.use(await startService())
    service.clock.now = Date.now()
    const cli = service.as('cli')
    await cli.provision({ province, passwords: { ...passwords, [lan]: 'mật khẩu dài 2' } })
    await cli['grant.add']({ person: ha, office: quantri, rights: ['read', 'act'], from: '2026-01-01T00:00:00Z' })
    const directory = service.as('desk')
    const db = parts.adopt(openDatabase(':memory:'), (open) => open.close())
    const sessions = openSessions(db)
    deskSessions = sessions
    for (const [person, password] of [
      [ha, passwords[ha]],
      [lan, 'mật khẩu dài 2'],
    ] as const) {
      const {
        token,
        expires,
        person: account,
      } = await directory['auth.signIn']({ address: person, password, ip: '127.0.0.1', client: 'test' })
      cookies.set(
        person,
        `congso=${sessions.begin({ token, person: account, expires, ip: '127.0.0.1', agent: 'test' })}`,
      )
    }
    const app = createApp({ name: 'desk', layout: 'desk', signIn: (res) => res.redirect(303, '/dang-nhap') })
    const admin = adminPages({ directory, domain: 'haiduong.gov.vn' })
    app.use(deskFrame({ sessions, apps: [admin.app], secure: false }))
    app.use(admin.router)
    origin = parts.use(await app.listen('127.0.0.1', 0)).origin
  })
  after(() => parts.disposeAsync())

  async function get(path: string, by = ha) {
    const response = await fetch(origin + path, { headers: { cookie: cookies.get(by) ?? '' }, redirect: 'manual' })
    return { status: response.status, text: await response.text() }
  }
  async function post(path: string, body: Record<string, string>, { by = ha, from = origin } = {}) {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { cookie: cookies.get(by) ?? '', origin: from },
      body: new URLSearchParams(body),
      redirect: 'manual',
    })
    return { status: response.status, to: response.headers.get('location'), text: await response.text() }
  }
  const account = async (address: string) => (await service.as('cli')['directory.lookup']({ address })).account

  it('are for who holds the administrators’ mailbox, and for nobody else', async () => {
    expect((await get('/quan-tri/hop-thu')).status).to.equal(200)
    for (const path of ['/quan-tri/hop-thu', '/quan-tri/hop-thu/moi', page(ha), '/quan-tri/hang-doi']) {
      expect((await get(path, lan)).status, path).to.equal(403)
      expect((await get(path, 'nobody')).status, path).to.equal(303)
    }
    for (const path of [
      '/quan-tri/hop-thu',
      page(ha),
      `${page(ha)}/mat-khau`,
      `${page(ha)}/khoa`,
      `${page(lan)}/quyen`,
      '/quan-tri/hang-doi/1',
    ])
      for (const by of [lan, 'nobody'])
        expect((await post(path, { password: 'chiếm đoạt 1', khoa: '1' }, { by })).status, `${by} ${path}`).to.be.oneOf(
          [401, 403],
        )
    expect((await account(ha))?.disabled).to.equal(false)
  })

  it('take nothing from another site', async () => {
    const { status } = await post(`${page(lan)}/khoa`, { khoa: '1' }, { from: 'https://evil.example' })
    expect(status).to.equal(403)
    expect((await account(lan))?.disabled).to.equal(false)
  })

  it('list and find without marks', async () => {
    const { text } = await get('/quan-tri/hop-thu?q=pham+thi')
    expect(text).to.contain(lan).and.not.to.contain(ha)
    expect((await get('/quan-tri/hop-thu?loai=office')).text).to.contain(motcua)
    expect((await get('/quan-tri/hop-thu?q=%3Cscript%3Ealert(1)%3C/script%3E')).text).not.to.contain('<script>alert')
  })

  it('show how a person comes in, and end it', async () => {
    const cli = service.as('cli')
    const { password } = await cli['appPassword.add']({ address: lan, name: 'Máy <i>bàn</i>', scopes: ['imap'] })
    const session = await service.accounts.signIn(lan, password, { ip: '192.0.2.44', scope: 'imap' })
    const { text } = await get(page(lan))
    expect(text).to.contain('192.0.2.44').and.contain('Máy &lt;i&gt;bàn').and.not.contain('<i>bàn')
    const id = /name="id" value="(ap-[0-9a-f]+)"/.exec(text)![1]!
    const act = (name: string, body = {}, by = ha) => post(`${page(lan)}/an-toan/${name}`, body, { by })
    expect((await act('thu-hoi', { id }, lan)).status).to.equal(403)
    expect(service.accounts.stillGood(session)).to.equal(true)
    expect((await act('thu-hoi', { id })).to).to.match(/xong=thu-hoi$/)
    expect(service.accounts.stillGood(session)).to.equal(false)
    expect((await act('tat-hai-lop')).status).to.equal(404)
    expect((await act('constructor')).status).to.equal(404)
    // her own page stops too
    const { token } = service.accounts.issueToken(service.accounts.byAddress(lan)!.id)
    expect((await act('dang-xuat')).to).to.match(/xong=dang-xuat$/)
    expect(() => service.accounts.whoIs(token)).to.throw()
    const again = await service
      .as('desk')
      ['auth.signIn']({ address: lan, password: 'mật khẩu dài 2', ip: '::1', client: 'test' })
    cookies.set(lan, `congso=${deskSessions.begin({ ...again, ip: '::1', agent: 'test' })}`)
  })

  it('make a mailbox, change it, lock it and open it again', async () => {
    const made = {
      kind: 'person',
      address: 'moi.nguoi',
      name: 'Người <b>Mới</b>',
      title: 'Chuyên viên',
      quota: '0,5',
      password: 'mật khẩu mới',
    }
    const { status, to } = await post('/quan-tri/hop-thu', made)
    expect([status, to]).to.deep.equal([303, '/quan-tri/hop-thu/moi.nguoi%40haiduong.gov.vn?xong=cap'])
    expect(await account('moi.nguoi@haiduong.gov.vn')).to.include({ name: 'Người <b>Mới</b>', quota: 500_000_000 })
    expect((await get(to!)).text)
      .to.contain('Người &lt;b&gt;Mới')
      .and.not.to.contain('<b>Mới')
    await post(page('moi.nguoi@haiduong.gov.vn'), { name: 'Tên khác', title: 'Phó phòng', quota: '2' })
    expect(await account('moi.nguoi@haiduong.gov.vn')).to.include({
      name: 'Tên khác',
      title: 'Phó phòng',
      quota: 2_000_000_000,
    })
    await post(`${page('moi.nguoi@haiduong.gov.vn')}/khoa`, { khoa: '1' })
    expect((await account('moi.nguoi@haiduong.gov.vn'))?.disabled).to.equal(true)
    await post(`${page('moi.nguoi@haiduong.gov.vn')}/khoa`, { khoa: '0' })
    expect((await account('moi.nguoi@haiduong.gov.vn'))?.disabled).to.equal(false)
  })

  const wrong: [what: string, path: string, body: Record<string, string>, says: string][] = [
    ['a taken address', '/quan-tri/hop-thu', { kind: 'person', address: 'ha.tran', name: 'X', quota: '1' }, 'đã có'],
    ['no name', '/quan-tri/hop-thu', { kind: 'person', address: 'x', name: '', quota: '1' }, 'Tên cần từ 1'],
    ['a quota in words', page(lan), { name: 'Lan', quota: 'nhiều' }, 'Dung lượng là số GB'],
    ['a short password', `${page(lan)}/mat-khau`, { password: 'ngắn' }, 'ít nhất 8 ký tự'],
    [
      'a password for an office',
      `${page(motcua)}/mat-khau`,
      { password: 'mật khẩu dài 3' },
      'Chỉ cá nhân mới có mật khẩu',
    ],
    ['locking oneself out', `${page(ha)}/khoa`, { khoa: '1' }, 'Không tự khóa'],
    [
      'a right on nothing',
      `${page(lan)}/quyen`,
      { other: 'x@example.com', read: '1' },
      'không phải là hộp thư chức danh',
    ],
    ['sending as a register', `${page(lan)}/quyen`, { other: so, send: '1' }, 'Hộp thư sổ chỉ cho quyền đọc'],
    ['no right at all', `${page(lan)}/quyen`, { other: motcua }, 'cần ít nhất một'],
    ['a day that is none', `${page(lan)}/quyen`, { other: motcua, read: '1', from: '31/02/2026' }, 'Ngày viết như'],
  ]
  for (const [what, path, body, says] of wrong)
    it(`refuse ${what} beside the field, and keep what was typed`, async () => {
      const { status, text } = await post(path, body)
      expect(status).to.equal(422)
      expect(text).to.contain(says)
      if (body['name']) expect(text).to.contain(`value="${body['name']}"`)
      if (body['password']) expect(text).not.to.contain(body['password'])
    })

  it('give a right from a day to a day, and end it', async () => {
    await post(`${page(lan)}/quyen`, { other: motcua, read: '1', act: '1', from: '01/11/2026', to: '01/12/2099' })
    const grants = async () => (await service.as('cli')['directory.grants']({ person: lan })).grants
    const [grant] = await grants()
    expect(grant).to.deep.include({ office: motcua, rights: ['read', 'act'], from: '2026-10-31T17:00:00.000Z' })
    expect((await get(page(motcua))).text).to.contain(lan)
    expect((await post(`${page(lan)}/quyen/${grant!.grant}/ket-thuc`, {})).status).to.equal(303)
    service.clock.now = Date.now() + 1
    expect(await grants()).to.deep.equal([])
  })

  it('give an office to a group in one step, and show what a person shares by herself', async () => {
    const cli = service.as('cli')
    const group = 'bcxb@haiduong.gov.vn'
    await cli['group.add']({ address: group, name: 'Phòng Báo chí', members: [lan] })
    expect((await post(`${page(motcua)}/quyen`, { other: group, read: '1' })).status).to.equal(303)
    service.clock.now = Date.now() + 1
    const { text } = await get(page(motcua))
    expect(text).to.contain(`Nhóm ${group}`).and.to.contain(`${ha} cấp`)
    const its = await get(page(lan))
    expect(its.text).to.contain(`Qua nhóm ${group}`).and.not.to.contain('Tự chia sẻ')
    const grant = (await cli['directory.grants']({ person: lan, office: motcua })).grants[0]!
    expect(grant).to.include({ group, person: lan, by: ha })
    expect((await post(`${page(motcua)}/quyen/${grant.grant}/ket-thuc`, {})).status).to.equal(303)
    await cli['share.set']({ owner: lan, folder: 'Archive', with: ha, rights: 'lr', by: lan })
    await cli['behalf.add']({ owner: lan, person: ha, from: new Date().toISOString(), by: lan })
    expect((await get(page(lan))).text)
      .to.contain('Thư mục Archive với')
      .and.to.contain(`Gửi thay: ${ha}`)
  })

  it('let somebody manage an office, and show the folders that were shared of it', async () => {
    expect((await post(`${page(motcua)}/quyen`, { other: lan, manage: '1' })).status).to.equal(303)
    service.clock.now = Date.now() + 1
    const given = { owner: motcua, folder: 'Archive', with: ha, rights: 'lr', by: lan }
    await service.as('desk')['share.set'](given)
    expect((await get(page(motcua))).text)
      .to.contain('quản lý')
      .and.to.contain('Thư mục đã chia sẻ')
      .and.to.contain(`${lan},`)
  })

  it('show the queue, hold and release what waits', async () => {
    await service.as('edge').handover({
      from: 'x@example.com',
      to: [so],
      raw: letter('Lệnh'),
      spam: false,
      id: 'q',
      helo: 'x',
      ip: '192.0.2.1',
    })
    await service.as('workers')['ledger.commit']({
      ledger: so,
      expectedHead: 0,
      command: { id: 'q@x', uid: service.messages(so)[0]!.uid },
      year: 2026,
      notices: [{ from: so, to: ['dan@example.com'], raw: letter('Báo', { from: so }) }],
    })
    const { text } = await get('/quan-tri/hang-doi')
    expect(text).to.contain('dan@example.com')
    const id = /hang-doi\/(\d+)"/.exec(text)![1]!
    expect((await post(`/quan-tri/hang-doi/${id}`, { viec: 'giu', xem: 'waiting' })).status).to.equal(303)
    expect((await get('/quan-tri/hang-doi?xem=held')).text).to.contain('dan@example.com')
    expect((await post(`/quan-tri/hang-doi/${id}`, { viec: 'tha' })).status).to.equal(303)
    expect((await post(`/quan-tri/hang-doi/${id}`, { viec: 'xoa-het' })).status).to.equal(400)
    expect((await post('/quan-tri/hang-doi/999999', { viec: 'bo' })).status).to.equal(404)
  })

  it('end with the right: who lost it is out at the next click', async () => {
    const { grants } = await service.as('cli')['directory.grants']({ person: ha, office: quantri })
    service.clock.now = Date.now()
    await service.as('cli')['grant.end']({ grant: grants[0]!.grant, at: new Date(Date.now() - 1_000).toISOString() })
    expect((await get('/quan-tri/hop-thu')).status).to.equal(403)
  })
})
