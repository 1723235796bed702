/** Groups with members elsewhere, by every door that mail comes in at. */
import { connect } from 'node:net'
import { expect } from 'chai'
import type { QueueRow } from '#kit/directory/calls.ts'
import { refusalOf } from '#test/mailserver/accounts/book.ts'
import { type Administered, an, ha, password, startAdministered } from '#test/mailserver/admin/service.ts'
import { startService } from '#test/mailserver/control/service.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'

const list = 'bao.chi@haiduong.gov.vn'
const bounces = 'bao.chi-bounces@haiduong.gov.vn'
const outer = ['Toa.Soan@bao.example', 'phong.vien@dai.example']
const letter = (more = '') =>
  Buffer.from(
    `From: Lê Lan <lan@ngoai.example>\r\nTo: ${list}\r\nSubject: =?utf-8?B?VGhvIG3hu51p?=\r\nMessage-ID: <1@ngoai.example>\r\n${more}\r\nKính mời.\r\n`,
  )

describe('groups with members elsewhere', () => {
  let s: Awaited<ReturnType<typeof startService>>
  beforeEach(async () => {
    s = await startService()
    const cli = s.as('cli')
    await cli['domain.add']({ domain: 'haiduong.gov.vn' })
    for (const [address, name] of [
      [an, 'An'],
      [ha, 'Hà'],
    ] as const)
      await cli['account.add']({ address, name, password })
    await group()
  })
  afterEach(() => s[Symbol.asyncDispose]())

  const group = (more: object = {}) =>
    s.as('cli')['group.add']({
      address: list,
      name: 'Báo chí tỉnh',
      members: [an, ...outer],
      owner: ha,
      outside: true,
      ...more,
    })
  const handover = (raw: Buffer, more: object = {}) =>
    s.as('edge').handover({
      from: 'lan@ngoai.example',
      to: [list],
      raw,
      spam: false,
      id: 'h1',
      helo: 'x',
      ip: '192.0.2.1',
      ...more,
    })
  const queued = () => s.store.read.queue({ limit: 100 })

  it('get what is written to it from an address of ours, with the fields of a list, and nothing else changed', async () => {
    expect(await s.as('edge')['rcpt.check']({ address: list })).to.deep.equal({ verdict: 'ok' })
    const author = 'DKIM-Signature: v=1; d=ngoai.example;\r\n b=x\r\n'
    const before = 'List-Id: <khac.example>\r\nList-Post: <mailto:a@khac.example>\r\n (cu)\r\nPrecedence: bulk\r\n'
    const { results } = await handover(letter(author + before))
    expect(results).to.have.length(1)
    expect(results[0]).to.include({ to: list, ok: true })
    expect(
      queued()
        .map((q) => [q.from, q.to])
        .sort(),
    ).to.deep.equal([
      [bounces, outer[0]],
      [bounces, outer[1]],
    ])
    const sent = s.store.read.queueOctets(queued()[0]!.id).toString('utf8')
    expect(sent).to.equal(
      `Delivered-To: ${list}\r\nList-Id: =?utf-8?B?QsOhbyBjaMOtIHThu4luaA==?= <bao.chi.haiduong.gov.vn>\r\n` +
        `List-Post: <mailto:${list}>\r\nList-Owner: <mailto:${ha}>\r\n` +
        `List-Help: <mailto:${ha}?subject=help%20bao.chi%40haiduong.gov.vn>\r\n` +
        `List-Unsubscribe: <mailto:${ha}?subject=unsubscribe%20bao.chi%40haiduong.gov.vn>\r\nPrecedence: list\r\n${letter(author)}`,
    )
    expect(s.messages(an).map((m) => m.text)[0]).to.match(
      /^Return-Path: <lan@ngoai\.example>\r\nDelivered-To: bao\.chi@[\s\S]*\r\nList-Id: =\?utf-8/,
    )
    await handover(letter(author + before))
    expect(queued(), 'the same hand-over again').to.have.length(2)
    expect(s.messages(an)).to.have.length(1)
  })

  it('a letter that has been there is sent on no more, nor is spam, and one without a sender stays so', async () => {
    await handover(letter('List-Id: Bao chi\r\n <BAO.CHI.haiduong.gov.vn>\r\n'), { id: 'a' })
    await handover(letter(`Delivered-To: ${list}\r\n`), { id: 'b' })
    await handover(letter('Received: from a by b; x\r\n'.repeat(51)), { id: 'c' })
    expect([queued().length, s.messages(an).length]).to.deep.equal([0, 0])
    await handover(letter(), { id: 'd', spam: true })
    expect(queued()).to.deep.equal([])
    expect(s.messages(an, 'Junk')).to.have.length(1)
    await handover(letter(), { id: 'e', from: '' })
    expect(queued().map((q) => q.from)).to.deep.equal(['', ''])
  })

  it('what comes back goes to who answers for it; nobody may send as it', async () => {
    await handover(letter('Subject: tra lai\r\n'), { to: [bounces], from: '' })
    expect(s.messages(ha)).to.have.length(1)
    expect(s.messages(ha)[0]!.text).to.contain(`Delivered-To: ${bounces}`)
    for (const who of [ha, an]) {
      const person = s.accounts.byAddress(who)!
      expect([s.accounts.mayBe(person, list), s.accounts.mayBe(person, bounces)]).to.deep.equal([undefined, undefined])
    }
  })

  it('may have those alone; without an owner there can be none, and a closed one stays closed', async () => {
    await group({ members: outer, outside: false })
    expect(await s.as('edge')['rcpt.check']({ address: list })).to.deep.equal({ verdict: 'internal-only' })
    await group({ members: outer })
    expect(await s.as('edge')['rcpt.check']({ address: list, size: 10 })).to.deep.equal({ verdict: 'ok' })
    expect((await handover(letter())).results[0]).to.include({ ok: true })
    expect(queued()).to.have.length(2)
    const other = { address: 'khac@haiduong.gov.vn', name: 'Khác', members: [...outer] }
    expect((await refusalOf(s.as('cli')['group.add'](other))).status).to.equal(422)
    expect((await refusalOf(s.as('cli')['group.add']({ ...other, owner: outer[0]! }))).status).to.equal(422)
    expect(
      (await refusalOf(s.as('cli')['group.add']({ ...other, owner: ha, members: ['khong phai'] }))).status,
    ).to.equal(422)
    expect((await refusalOf(s.as('cli')['alias.add']({ address: other.address, to: outer }))).status).to.equal(422)
    await s.as('cli')['alias.remove']({ address: list, by: 'x@cli' })
    expect(await s.as('edge')['rcpt.check']({ address: list })).to.deep.equal({ verdict: 'unknown' })
    expect(await s.as('edge')['rcpt.check']({ address: bounces })).to.deep.equal({ verdict: 'disabled' })
    await group()
    expect(await s.as('edge')['rcpt.check']({ address: bounces })).to.deep.equal({ verdict: 'ok' })
  })

  it('in a group of groups, and by somebody’s redirect, are reached too', async () => {
    await s
      .as('cli')
      ['group.add']({ address: 'tat.ca@haiduong.gov.vn', name: 'Tất cả', members: [ha, list], outside: true })
    await handover(letter(), { to: ['tat.ca@haiduong.gov.vn'] })
    expect(queued()).to.have.length(2)
    expect([s.messages(ha).length, s.messages(an).length]).to.deep.equal([1, 1])
    const { faults } = await s
      .as('desk')
      ['filter.put']({ owner: ha, by: ha, name: 'x', text: `redirect "${list}";`, activate: true })
    expect(faults).to.deep.equal([])
    await handover(letter(), { to: [ha], id: 'r' })
    expect(queued()).to.have.length(4)
    expect(s.messages(an)).to.have.length(2)
  })
})

describe('groups with members elsewhere: our own people and programs', () => {
  let s: Administered
  before(async () => {
    s = await startAdministered()
    await s.ok('group', 'add', list, ha, ...outer, '--name', 'Bao chi', '--owner', an)
  })
  after(() => s[Symbol.asyncDispose]())

  const rows = () => s.json<QueueRow[]>('queue', 'list')

  it('write to it by submission and LMTP; commands list it', async () => {
    expect(await s.ok('group', 'list')).to.match(/^bao\.chi@\S+ +Bao chi +internal +an\.nguyen@\S+ +3 members/)
    const smtp = new Client(connect(s.ports.submission, '127.0.0.1'))
    await smtp.until('\r\n')
    const say = async (line: string, code: string) => {
      const at = smtp.received.length
      smtp.write(`${line}\r\n`)
      await until(code, () => new RegExp(`^${code} `, 'm').test(smtp.received.slice(at)))
    }
    await say('EHLO may', '250')
    await say(`AUTH PLAIN ${Buffer.from(`\0${an}\0${password}`).toString('base64')}`, '235')
    await say(`MAIL FROM:<${an}>`, '250')
    await say(`RCPT TO:<${list}>`, '250')
    await say('DATA', '354')
    await say(`From: ${an}\r\nTo: ${list}\r\nSubject: x\r\n\r\nx\r\n.`, '250')
    smtp.destroy()
    expect((await rows()).map((r) => [r.from, r.to]).sort()).to.deep.equal(outer.map((to) => [bounces, to]).sort())
    const { total } = await s.json<{ total: number }>('mail', 'search', ha, 'HEADER', 'List-Id', 'bao.chi.haiduong')
    expect(total, 'with its member here').to.equal(1)

    const lmtp = new Client(connect(s.ports.lmtp, '127.0.0.1'))
    await lmtp.until('\r\n')
    lmtp.write(`LHLO x\r\nMAIL FROM:<a@ngoai.example>\r\nRCPT TO:<${list}>\r\nDATA\r\n`)
    await until('354', () => /^354 /m.test(lmtp.received))
    lmtp.write('Subject: y\r\n\r\ny\r\n.\r\n')
    await until('an answer', () => /^250 2\.1\.5/m.test(lmtp.received))
    lmtp.destroy()
    expect(await rows()).to.have.length(4)
  }).timeout(120_000)
})
