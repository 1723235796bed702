import { expect } from 'chai'
import type { Case } from '#acts/dossier/case.ts'
import { clerk, fileRef, flow, head, leader, lodging, people, portal, signed, TestLedger } from './ledger.ts'

const id = 'K7M2-Q9PX-4'

describe('dossier acts', () => {
  let ledger: TestLedger
  beforeEach(async () => {
    ledger = await TestLedger.open()
  })
  afterEach(() => ledger[Symbol.dispose]())

  it('go from lodging to the result, with numbers, deadlines and letters', async () => {
    const seen: string[] = []
    for (const step of flow(id)) {
      const { letters } = await ledger.act(step)
      seen.push(`${step.kind}: ${letters.map((l) => `${l.audience} ${l.to.join('+')}`).join(', ')}`)
    }
    const portalTo = 'portal portal@haiduong.gov.vn'
    const citizen = 'citizen hop.thu@indongthanh.example'
    expect(seen).to.deep.equal([
      `dossier.lodge: staff ${clerk}, ${portalTo}`,
      `dossier.receive: ${citizen}, staff ${clerk}, ${portalTo}`,
      `dossier.forward: staff ${head}, staff ${leader}, ${portalTo}`,
      `dossier.assign: staff ${people.officer}, ${portalTo}`,
      `dossier.propose: staff ${leader}, ${portalTo}`,
      `dossier.return: staff ${people.officer}, ${portalTo}`,
      `dossier.propose: staff ${leader}, ${portalTo}`,
      `dossier.approve: staff ${clerk}, staff ${people.officer}, ${portalTo}`,
      `dossier.issue: ${citizen}, staff ${people.officer}+${head}, ${portalTo}`,
    ])
    const state = ledger.projection.state(id)!.state as Case
    expect(state.code).to.equal('000.00.15.H23-261126-0001')
    expect(state.arrival).to.include({ year: 2026, n: 1 })
    expect(state.due, '20 days from Thursday 26 November, to closing time of Wednesday 16 December').to.equal(
      '2026-12-16T09:00:00Z',
    )
    expect(state.issued).to.include({ number: '01/GP-STTTT', signer: 'Lê Quang Minh', date: '2026-11-26' })
    expect(state.issued!.files.map((f) => f.name)).to.deep.equal(['giay-phep-2.pdf'])
    expect(state.outer).to.equal(10)
    expect(state.onTime).to.equal(true)
    expect(state.turn).to.equal(undefined)
    expect(ledger.registry.turns('dossier', state)).to.deep.equal([])
  })

  it('number cases one after another', async () => {
    for (const one of ['AAAA-AAAA-A', 'BBBB-BBBB-B', 'CCCC-CCCC-C']) await ledger.story(one, 'receive')
    const lines = ledger.reader().arrivals({ year: 2026, now: ledger.now }).rows
    expect(lines.map((l) => [l.n, l.subject.slice(6, 31), l.case])).to.deep.equal([
      [3, '000.00.15.H23-261126-0003', 'CCCC-CCCC-C'],
      [2, '000.00.15.H23-261126-0002', 'BBBB-BBBB-B'],
      [1, '000.00.15.H23-261126-0001', 'AAAA-AAAA-A'],
    ])
  })

  it('reject with a reason for the citizen, and then nothing is anybody’s turn', async () => {
    await ledger.story(id, 'lodge')
    const { state, letters } = await ledger.act({
      kind: 'dossier.reject',
      case: id,
      signer: signed(people.clerk),
      data: { reason: 'Thiếu tờ khai.' },
    })
    expect((state as Case).outer).to.equal(3)
    expect(letters[0]!.paragraphs.join(' ')).to.contain('Lý do: Thiếu tờ khai.')
    expect(letters[0]!.print?.[0]?.document).to.equal('rejection')
    expect(ledger.registry.turns('dossier', state)).to.deep.equal([])
  })

  const refusals: [what: string, after: string, asked: Parameters<TestLedger['decide']>[0], why: RegExp][] = [
    [
      'a second lodging',
      'lodge',
      { kind: 'dossier.lodge', case: id, saw: 9, signer: portal, data: lodging([]) },
      /đã có hồ sơ/,
    ],
    ['an unknown act', 'lodge', { kind: 'dossier.burn', case: id, signer: signed(people.clerk) }, /không có việc này/],
    [
      'a version from the future',
      'lodge',
      { kind: 'dossier.receive', v: 2, case: id, signer: signed(people.clerk) },
      /phiên bản/,
    ],
    [
      'somebody without the office',
      'lodge',
      { kind: 'dossier.receive', case: id, signer: signed(people.officer) },
      /không đến lượt/,
    ],
    [
      'an act of a later step',
      'lodge',
      { kind: 'dossier.issue', case: id, signer: signed(people.clerk) },
      /không ở bước này/,
    ],
    [
      'a stale command',
      'receive',
      { kind: 'dossier.forward', case: id, saw: 1, signer: signed(people.clerk), data: {} },
      /đã thay đổi/,
    ],
    ['the portal as clerk', 'lodge', { kind: 'dossier.receive', case: id, signer: portal }, /không được làm/],
    [
      'a person as portal',
      'lodge',
      { kind: 'dossier.lodge', case: 'AAAA-AAAA-A', signer: signed(people.clerk), data: lodging() },
      /chỉ hệ thống/,
    ],
    [
      'a person as timer',
      'lodge',
      { kind: 'dossier.remind', case: id, signer: signed(people.clerk), data: { turn: 1 } },
      /chỉ hệ thống/,
    ],
    [
      'a field too many',
      'lodge',
      { kind: 'dossier.reject', case: id, signer: signed(people.clerk), data: { reason: 'x', code: '1' } },
      /mục không biết: code/,
    ],
    [
      'a missing field',
      'lodge',
      { kind: 'dossier.reject', case: id, signer: signed(people.clerk), data: { reason: '  ' } },
      /Chưa ghi lý do/,
    ],
    [
      'a deadline after hẹn trả',
      'receive',
      { kind: 'dossier.forward', case: id, signer: signed(people.clerk), data: { to: head, due: '2026-12-30' } },
      /không sau ngày hẹn trả 16\/12\/2026/,
    ],
    [
      'a deadline in the past',
      'receive',
      { kind: 'dossier.forward', case: id, signer: signed(people.clerk), data: { to: head, due: '01/11/2026' } },
      /từ hôm nay 26\/11\/2026/,
    ],
    [
      'an officer as department',
      'receive',
      {
        kind: 'dossier.forward',
        case: id,
        signer: signed(people.clerk),
        data: { to: people.officer, due: '2026-12-01' },
      },
      /Không có phòng nào/,
    ],
    [
      'no draft',
      'assign',
      { kind: 'dossier.propose', case: id, signer: signed(people.officer), data: { opinion: 'Đủ' } },
      /Chưa đính kèm dự thảo/,
    ],
    [
      'a draft of the wrong kind',
      'assign',
      {
        kind: 'dossier.propose',
        case: id,
        signer: signed(people.officer),
        data: { opinion: 'Đủ' },
        files: [fileRef('a.png', 'a', 'image/png')],
      },
      /chỉ nhận PDF, Word/,
    ],
    [
      'an answer by somebody who was not asked',
      'receive',
      { kind: 'dossier.forward', case: id, parties: [clerk], signer: signed(people.head), data: {} },
      /không hỏi bạn/,
    ],
  ]
  for (const [what, after, asked, why] of refusals)
    it(`refuse ${what}`, async () => {
      await ledger.story(id, after)
      const decided = await ledger.decide(asked)
      expect(decided).to.have.property('advice').that.matches(why)
    })

  it('refuse a right that was withdrawn, whatever the message says', async () => {
    await ledger.story(id, 'lodge')
    ledger.grants.delete(people.clerk)
    expect(await ledger.decide({ kind: 'dossier.receive', case: id, signer: signed(people.clerk) })).to.include({
      is: 'refused',
    })
  })

  it('remind and report late once for each turn, without making anybody stale', async () => {
    await ledger.story(id, 'forward')
    const changed = () => (ledger.projection.state(id)!.state as Case).changed
    const before = changed()
    const due = () => ledger.projection.timed(ledger.now, 10)
    expect(due()).to.deep.equal([])
    ledger.now = '2026-12-03T11:00:00Z'
    const [reminder] = due()
    expect(reminder).to.deep.include({ act: 'dossier.remind', case: id, data: { turn: before } })
    const { letters } = await ledger.act({ kind: 'dossier.remind', case: id, data: reminder!.data })
    expect(letters[0])
      .to.include({ audience: 'staff' })
      .and.deep.include({ to: [head], asks: ['dossier.assign'] })
    expect(due()).to.deep.equal([])
    ledger.now = '2026-12-04T10:00:02Z'
    expect(due().map((t) => t.act)).to.deep.equal(['dossier.overdue'])
    await ledger.act({ kind: 'dossier.overdue', case: id, data: due()[0]!.data })
    expect(due()).to.deep.equal([])
    expect(changed()).to.equal(before)
    await ledger.act({ kind: 'dossier.assign', case: id, saw: before, signer: signed(people.head), data: { to: 'An' } })
  })
})
