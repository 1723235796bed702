import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { refusalOf } from '../accounts/book.ts'
import { letter, passwords, province, startService } from './service.ts'

type Service = Awaited<ReturnType<typeof startService>>
const ha = 'ha.tran@haiduong.gov.vn'
const so = 'so.stttt@haiduong.gov.vn'
const zeros = '0'.repeat(64)

describe('ledger calls', () => {
  let service: Service
  let uid: number
  beforeEach(async () => {
    service = await startService()
    await service.as('cli').provision({ province, passwords })
    uid = await lodge('lenh-1')
  })
  afterEach(() => service[Symbol.asyncDispose]())

  const base = { from: 'cong.dan@example.com', spam: false, helo: 'x', ip: '192.0.2.1' }
  async function lodge(id: string): Promise<number> {
    const raw = letter('Lệnh', { id: `${id}@haiduong.gov.vn` })
    await service.as('edge').handover({ ...base, to: [so], raw, id })
    return service.messages(so).at(-1)!.uid
  }
  const entry = (seq: number, prev: string, more = '') => {
    const data = JSON.stringify({ seq, prev, ledger: so, more })
    const raw = letter(`Sự kiện ${seq}`, { id: `su-kien-${seq}@haiduong.gov.vn`, from: so })
    return { raw, data, year: 2026 }
  }
  const notice = (...to: string[]) => ({ from: so, to, raw: letter(`Báo ${to[0]}`, { from: so }) })
  const commit = (more: object = {}) =>
    service.as('workers')['ledger.commit']({
      ledger: so,
      expectedHead: 0,
      command: { id: 'lenh-1@haiduong.gov.vn', uid },
      entry: entry(1, zeros),
      notices: [],
      year: 2026,
      ...more,
    })

  it('appends, files, delivers and queues at once, all sealed by the domain', async () => {
    const { agency } = await service.as('workers')['directory.agency']({ id: 'stttt' })
    expect(agency.register).to.equal(so)
    expect(await commit({ notices: [notice(ha), notice('cong.dan@example.com', ha)] })).to.deep.equal({
      result: 'committed',
      seq: 1,
    })
    expect(service.messages(so)).to.have.length(0)
    expect(service.messages(so, 'Handled/2026')).to.have.length(1)
    expect(service.messages(so, 'Ledger/2026')[0]?.text).to.match(/^X-Sealed-By: haiduong\.gov\.vn\r\nFrom: <so\.stttt/)
    const got = service.messages(ha)
    expect(got).to.have.length(2)
    expect(got[0]?.text).to.match(
      /^Return-Path: <so\.stttt@haiduong\.gov\.vn>\r\nDelivered-To: ha\.tran@haiduong\.gov\.vn\r\nX-Sealed-By/,
    )
    const { rows } = await service.as('cli')['queue.list']({ limit: 10 })
    expect(rows.map((r) => [r.from, r.to, r.state])).to.deep.equal([[so, 'cong.dan@example.com', 'waiting']])
    const workers = service.as('workers')
    const { entries } = await workers['ledger.read']({ ledger: so, after: 0, limit: 10 })
    expect(entries.map((e) => [e.ledger, e.seq, e.prev, e.data])).to.deep.equal([[so, 1, zeros, entry(1, zeros).data]])
    const hash = createHash('sha256').update(entry(1, zeros).data).digest('hex')
    expect(await workers['ledger.head']({ ledger: so })).to.deep.equal({ seq: 1, hash })
    expect(await workers['ledger.outcome']({ ledger: so, command: 'lenh-1@haiduong.gov.vn' })).to.deep.equal({
      outcome: 'done',
      seq: 1,
    })
    expect(await workers['ledger.outcome']({ ledger: so, command: 'khac@x' })).to.deep.equal({})
  })

  it('says already to a repeat, wrong head to who comes second, and neither writes anything', async () => {
    await commit({ notices: [notice(ha)] })
    expect(await commit({ notices: [notice(ha)] })).to.deep.equal({ result: 'already', seq: 1 })
    const second = await lodge('lenh-2')
    const command = { id: 'lenh-2@haiduong.gov.vn', uid: second }
    expect(await commit({ command, notices: [notice(ha)] })).to.deep.equal({ result: 'wrong-head', seq: 1 })
    expect(service.messages(ha)).to.have.length(1)
    expect(service.messages(so)).to.have.length(1)
  })

  it('lets one of two workers win', async () => {
    const results = await Promise.all([commit({ notices: [notice(ha)] }), commit({ notices: [notice(ha)] })])
    expect(results.map((r) => r.result).sort()).to.deep.equal(['already', 'committed'])
    expect(service.messages(ha)).to.have.length(1)
  })

  it('a refusal without an entry uses the command up', async () => {
    expect(await commit({ entry: undefined, notices: [notice(ha)] })).to.deep.equal({ result: 'committed', seq: 0 })
    expect(await commit()).to.deep.equal({ result: 'already', seq: 0 })
    expect(service.messages(ha)).to.have.length(1)
  })

  it('official notices come through a full mailbox', async () => {
    await service.as('cli')['account.set']({ address: ha, quota: 0 })
    await commit({ notices: [notice(ha)] })
    expect(service.messages(ha)).to.have.length(1)
  })

  it('a notice to somebody who left goes to the postmaster, marked', async () => {
    await service.as('cli')['account.disable']({ address: ha, disabled: true })
    await commit({ notices: [notice(ha, 'khong.co@haiduong.gov.vn')] })
    const got = service.messages('quantri@haiduong.gov.vn')
    expect(got).to.have.length(1)
    expect(got[0]?.text).to.contain('X-Undelivered-To: ha.tran@haiduong.gov.vn (disabled)\r\n')
  })

  const wrong: [what: string, more: object, status: number][] = [
    ['a ledger that is a person', { ledger: ha }, 404],
    ['a ledger that is not there', { ledger: 'so.khac@haiduong.gov.vn' }, 404],
    ['an entry without Message-ID', { entry: { raw: Buffer.from('Subject: x\r\n\r\n'), data: '{}', year: 2026 } }, 400],
    ['a notice from outside', { notices: [{ from: 'x@example.com', to: [ha], raw: letter('x') }] }, 400],
    ['a year of five digits', { year: 20260 }, 400],
    ['a head below nothing', { expectedHead: -1 }, 400],
  ]
  for (const [what, more, status] of wrong)
    it(`refuses ${what}, and nothing has happened`, async () => {
      expect((await refusalOf(commit(more))).status).to.equal(status)
      expect(service.messages(so)).to.have.length(1)
      expect(await service.as('workers')['ledger.head']({ ledger: so })).to.deep.equal({ seq: 0, hash: zeros })
    })

  it('a dead letter leaves INBOX with the reason on one line', async () => {
    await service.as('workers')['ledger.deadLetter']({ ledger: so, uid, why: 'hỏng\r\nX-Evil: 1' })
    expect(service.messages(so)).to.have.length(0)
    const [dead] = service.messages(so, 'Dead letters')
    expect(dead?.text)
      .to.contain('Delivery-Failure: ')
      .and.not.to.match(/^X-Evil/m)
    expect(
      (await refusalOf(service.as('workers')['ledger.deadLetter']({ ledger: so, uid, why: 'x' }))).status,
    ).to.equal(404)
  })
})

describe('queue calls', () => {
  it('hold, retry and drop what waits', async () => {
    await using service = await startService()
    await service.as('cli').provision({ province, passwords })
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
      notices: [{ from: so, to: ['a@example.com'], raw: letter('Báo', { from: so }) }],
    })
    const cli = service.as('cli')
    const state = async () => (await cli['queue.list']({ limit: 10 })).rows.map((r) => r.state)
    const { id } = (await cli['queue.list']({ limit: 10 })).rows[0]!
    await cli['queue.hold']({ id, hold: true })
    expect(await state()).to.deep.equal(['held'])
    await cli['queue.hold']({ id, hold: false })
    await cli['queue.retry']({ id })
    expect(await state()).to.deep.equal(['waiting'])
    await cli['queue.drop']({ id })
    expect(await state()).to.deep.equal(['failed'])
    for (const bad of ['999', '-1', '1 or 1=1', ''])
      expect((await refusalOf(cli['queue.retry']({ id: bad }))).status).to.equal(404)
    const usage = await cli.usage({})
    expect(usage.queue).to.include({ failed: 1, waiting: 0 })
    expect(usage).to.include({ connections: 3 })
    expect(await cli['store.verify']({})).to.deep.equal({ findings: [] })
  })
})
