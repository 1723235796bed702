import { expect } from 'chai'
import { refusalOf } from '../accounts/book.ts'
import { letter, passwords, province, startService } from './service.ts'

type Service = Awaited<ReturnType<typeof startService>>
const ha = 'ha.tran@haiduong.gov.vn'
const lan = 'lan.pham@haiduong.gov.vn'
const so = 'so.stttt@haiduong.gov.vn'

describe('scripts at the hand-over', () => {
  let service: Service
  beforeEach(async () => {
    service = await startService()
    await service.as('cli').provision({ province, passwords })
  })
  afterEach(() => service[Symbol.asyncDispose]())

  const base = { from: 'cong.dan@example.com', spam: false, helo: 'x', ip: '192.0.2.1' }
  const put = (text: string) =>
    service.as('desk')['filter.put']({ owner: ha, by: ha, name: 'main', text, activate: true })
  const queued = async () => (await service.as('cli')['queue.list']({ limit: 10 })).rows.map((r) => [r.from, r.to])

  it('a repeated hand-over answers once and files once, whatever the script says by then', async () => {
    await put(
      'require ["vacation","fileinto","mailbox"]; vacation :addresses "motcua.stttt@haiduong.gov.vn" "away"; fileinto :create "Việc";',
    )
    const raw = letter('Hỏi')
    for (let i = 0; i < 3; i++) {
      const { results } = await service.as('edge').handover({ ...base, to: [ha], raw, id: 'same' })
      expect(results).to.deep.include({ to: ha, ok: true, code: 250, message: '2.1.5 Delivered / Da nhan' })
    }
    expect(service.messages(ha, 'Việc')).to.have.length(1)
    expect(await queued()).to.deep.equal([['', base.from]])
    await put('keep;')
    await service.as('edge').handover({ ...base, to: [ha], raw, id: 'same' })
    expect(service.messages(ha)).to.have.length(0)
  })

  it('an office’s filters are kept by who manages it, with her name, while she does', async () => {
    const desk = service.as('desk')
    const owner = 'motcua.stttt@haiduong.gov.vn'
    const keep = (by: string) => desk['filter.put']({ owner, by, name: 'main', text: 'keep;', activate: true })
    const status = async (done: Promise<unknown>) => (await refusalOf(done)).status
    expect(await status(keep(ha))).to.equal(403)
    const from = new Date(service.clock.now).toISOString()
    const { grant } = await desk['grant.add']({ person: ha, office: owner, rights: ['manage'], from, by: ha })
    expect(await keep(ha)).to.deep.equal({ faults: [] })
    expect(await status(keep(lan))).to.equal(403)
    expect((await desk['filter.get']({ owner, name: 'main' })).active).to.deep.equal({
      name: 'main',
      text: 'keep;',
      at: from,
      by: ha,
    })
    expect(service.accounts.record({ account: owner, limit: 5 })[0]).to.include({ by: ha, what: 'filter.put' })
    service.clock.now += 1000
    await desk['grant.end']({ grant: grant.grant, at: new Date(service.clock.now).toISOString(), by: ha })
    expect(await status(desk['filter.activate']({ owner, by: ha, name: '' }))).to.equal(403)
    expect(await status(desk['filter.put']({ owner: so, by: so, name: 'x', text: 'keep;', activate: true }))).to.equal(
      404,
    )
    expect(await status(desk['filter.put']({ owner: lan, by: ha, name: 'x', text: 'keep;', activate: true }))).to.equal(
      403,
    )
  })

  it('refuses in the owner’s words when nobody else is meant; among several the sender gets a report', async () => {
    await put('require "ereject"; ereject "Not here any more.";')
    const alone = await service.as('edge').handover({ ...base, to: [ha], raw: letter('x'), id: 'r' })
    expect(alone.results).to.deep.equal([{ to: ha, ok: false, code: 550, message: '5.7.1 Not here any more.' }])
    expect(await queued()).to.deep.equal([])
    // one answer for all: were it a refusal, or "later", the letter that lan has would come again until its sender gives up
    const { results } = await service.as('edge').handover({ ...base, to: [ha, lan], raw: letter('z'), id: 't' })
    expect(results.map((r) => r.code)).to.deep.equal([250, 250])
    expect(service.messages(ha)).to.have.length(0)
    expect(service.messages(lan)).to.have.length(1)
    expect(await queued()).to.have.length(1)
    await put('require "ereject"; ereject "Không còn ở đây.";')
    const other = await service.as('edge').handover({ ...base, to: [ha], raw: letter('y'), id: 's' })
    expect(other.results[0])
      .to.include({ code: 550 })
      .and.property('message')
      .match(/^[\x20-\x7e]+$/)
    expect(await queued()).to.have.length(1)
  })

  it('spam is in Junk before the script is asked', async () => {
    await put('discard;')
    await service.as('edge').handover({ ...base, spam: true, to: [ha], raw: letter('Trúng thưởng'), id: 'j' })
    expect(service.messages(ha, 'Junk')).to.have.length(1)
  })

  it('official mail never meets a script', async () => {
    await put('discard;')
    await service
      .as('edge')
      .handover({ ...base, to: [so], raw: letter('Lệnh', { id: 'lenh@haiduong.gov.vn' }), id: 'c' })
    await service.as('workers')['ledger.commit']({
      ledger: so,
      expectedHead: 0,
      command: { id: 'lenh@haiduong.gov.vn', uid: service.messages(so).at(-1)!.uid },
      notices: [{ from: so, to: [ha], raw: letter('Báo', { from: so }) }],
      year: 2026,
    })
    expect(service.messages(ha)).to.have.length(1)
  })

  it('the page’s calls: faults with their places, the active script, none', async () => {
    const desk = service.as('desk')
    expect((await put('keep;\n foo;')).faults).to.deep.equal([
      { line: 2, column: 2, vi: 'không có lệnh "foo"', en: 'there is no command "foo"' },
    ])
    expect(await desk['filter.get']({ owner: ha, name: 'main' })).to.deep.equal({})
    await put('keep;')
    expect(await desk['filter.get']({ owner: ha, name: 'x' })).to.deep.equal({
      active: { name: 'main', text: 'keep;', at: new Date(service.clock.now).toISOString(), by: ha },
    })
    await desk['filter.activate']({ owner: ha, by: ha, name: '' })
    expect(await desk['filter.get']({ owner: ha, name: 'main' })).to.deep.equal({ own: 'keep;' })
    expect(
      (await put(`#${'x'.repeat(130 * 1024)}`).then(
        () => undefined,
        (err) => err.status,
      )) ?? 'fault',
    ).to.be.oneOf([400, 'fault'])
  })
})
