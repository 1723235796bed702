import { readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { linkOf } from '#workflow/projection/files.ts'
import { Projection } from '#workflow/projection/projection.ts'
import { checkRebuild, rebuild } from '#workflow/projection/rebuild.ts'
import { recount } from '#workflow/verify/recount.ts'
import { clerk, head, leader, people, register, TestLedger } from './ledger.ts'

const ids = ['AAAA-AAAA-A', 'BBBB-BBBB-B', 'CCCC-CCCC-C']

describe('projection of a register', () => {
  let ledger: TestLedger
  beforeEach(async () => {
    ledger = await TestLedger.open()
    await ledger.story(ids[0]!, 'issue')
    await ledger.story(ids[1]!, 'forward')
    await ledger.story(ids[2]!, 'lodge')
  })
  afterEach(() => ledger[Symbol.dispose]())

  const directory = () => ({
    'ledger.head': async () => ledger.projection.head(),
    'ledger.read': async ({ after, limit }: { after: number; limit: number }) => ({
      entries: ledger.entries.slice(after, after + limit).map((e) => ({ ledger: register, prev: '', ...e })),
    }),
  })
  const given = () => ({ folder: ledger.folder, register, registry: ledger.registry, directory: directory() })

  it('shows worklists, registers and cases to the desk', () => {
    using reader = ledger.reader()
    expect(reader.worklist({ parties: [clerk] }).rows.map((r) => [r.case, r.acts, r.stateName])).to.deep.equal([
      [ids[2], ['dossier.receive', 'dossier.reject'], 'Mới đăng ký'],
    ])
    expect(
      reader.worklist({ parties: [head, leader, people.officer] }).rows.map((r) => [r.case, r.acts]),
    ).to.deep.equal([[ids[1], ['dossier.assign']]])
    expect(reader.workCounts({ parties: [clerk, head], now: '2026-12-05T00:00:00Z' })).to.deep.equal({
      total: 2,
      late: 2,
      fresh: 1,
    })
    expect(reader.outgoing({ year: 2026 }).rows[0]).to.include({ number: '01/GP-STTTT', case: ids[0] })
    expect(reader.case('000.00.15.H23-261126-0002')?.row.case).to.equal(ids[1])
    expect(reader.cases({ q: 'dong thanh' }).total).to.equal(3)
    expect(reader.cases({ q: '0800123456', limit: 2 }).rows).to.have.length(2)
    expect(reader.files(ids[0]!).map((f) => [f.name, f.seq, f.part])).to.deep.equal([
      ['to-khai.pdf', 1, 3],
      ['giay-phep.pdf', 5, 3],
      ['giay-phep-2.pdf', 7, 3],
    ])
    expect(reader.stateCounts()).to.deep.equal({ 1: 1, 4: 1, 10: 1 })
  })

  it('pages by keys', () => {
    using reader = ledger.reader()
    const first = reader.cases({ limit: 2 })
    const second = reader.cases({ limit: 2, after: first.next! })
    expect([...first.rows, ...second.rows].map((r) => r.case).sort()).to.deep.equal(ids)
    expect(second.next).to.equal(undefined)
  })

  it('is the same when it is built again, and readers follow the swap', async () => {
    using reader = ledger.reader()
    const version = reader.dataVersion()
    expect(await checkRebuild(given())).to.deep.include({ differences: [] })
    expect(await rebuild(given())).to.deep.equal(ledger.projection.head())
    expect(reader.dataVersion()).not.to.equal(version)
    expect(reader.cases({}).total).to.equal(3)
    expect(ledger.projection.inForce).to.equal(false)
    expect(readdirSync(ledger.folder).filter((f) => f.endsWith('.sqlite'))).to.have.length(2)
  })

  it('goes on as one whole file: a worker writes to it while the desk reads', async () => {
    await rebuild(given())
    using reader = ledger.reader()
    const seen = reader.dataVersion()
    using projection = Projection.open(linkOf(ledger.folder, register), ledger.registry, register)
    const inside = new DatabaseSync(linkOf(ledger.folder, register), { readOnly: true })
    try {
      expect(inside.prepare('pragma journal_mode').get()).to.include({ journal_mode: 'wal' })
      inside.exec('begin; select * from head')
      await ledger.story('DDDD-DDDD-D', 'lodge') // with a reader in the middle of its transaction
      projection.apply(ledger.entries)
      expect(projection.head()).to.deep.equal(ledger.projection.head())
      inside.exec('commit')
    } finally {
      inside.close()
    }
    expect(reader.dataVersion()).not.to.equal(seen)
    expect(reader.case('DDDD-DDDD-D')?.row.case).to.equal('DDDD-DDDD-D')
  })

  it('is told apart from one that was tampered with', async () => {
    using other = Projection.open(linkOf(ledger.folder, register), ledger.registry, register)
    const { openDatabase } = await import('#kit/store/open.ts')
    const db = openDatabase(linkOf(ledger.folder, register))
    db.exec(`update arrivals set n = 7 where n = 2`)
    db.close()
    const { differences } = await checkRebuild({ ...given() })
    expect(differences.join()).to.contain('arrivals')
    expect(other.inForce).to.equal(true)
  })

  it('lets two processes apply the same entries', async () => {
    using second = Projection.open(linkOf(ledger.folder, register), ledger.registry, register)
    expect(second.apply(ledger.entries)).to.deep.equal(ledger.projection.head())
    expect(await checkRebuild(given())).to.deep.include({ differences: [] })
  })

  const broken: [what: string, change: (data: Record<string, unknown>) => void, why: RegExp][] = [
    ['a changed predecessor', (e) => Object.assign(e, { prev: 'f'.repeat(64) }), /chain is broken/],
    ['a gap', (e) => Object.assign(e, { seq: 99 }), /chain is broken/],
    ['another ledger', (e) => Object.assign(e, { ledger: 'so.snv@haiduong.gov.vn' }), /chain is broken/],
    ['an unknown kind', (e) => Object.assign(e, { kind: 'dossier.burn' }), /no act here knows/],
    ['a later version', (e) => Object.assign(e, { v: 9 }), /no act here knows/],
  ]
  for (const [what, change, why] of broken)
    it(`stops loudly at ${what}, and keeps nothing of it`, async () => {
      const before = ledger.projection.head()
      const decided = await ledger.decide({
        kind: 'dossier.receive',
        case: ids[2]!,
        signer: { is: 'person', actor: { person: people.clerk, name: 'Hà' } },
      })
      if (decided.is !== 'event') throw new Error(decided.why)
      const data = { is: 'event', ...structuredClone(decided.event) }
      change(data as unknown as Record<string, unknown>)
      const entry = { seq: data.seq === 99 ? 99 : before.seq + 1, data: JSON.stringify(data), messageId: 'x@test' }
      expect(() => ledger.projection.apply([entry])).to.throw(why)
      expect(ledger.projection.head()).to.deep.equal(before)
    })

  it('is counted again from the raw data parts', () => {
    const raw = ledger.entries.map((e) => {
      const files = (JSON.parse(e.data) as { files: { sha256: string }[] }).files.map((f) => f.sha256)
      return { folder: 'Ledger/2026', uid: e.seq, messageId: e.messageId, data: e.data, files }
    })
    const sound = recount(register, raw)
    expect(sound.findings).to.deep.equal([])
    using reader = ledger.reader()
    expect(sound).to.deep.include(reader.allNumbers())
    const without = recount(
      register,
      raw.filter((e) => e.uid !== 2),
    )
    expect(without.findings.join('\n'))
      .to.match(/entry 3 where 2 was due/)
      .and.match(/số đến 2 of 2026 is missing/)
  })
})
