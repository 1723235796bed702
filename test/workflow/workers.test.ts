import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { Case } from '#acts/dossier/case.ts'
import { submit } from '#kit/mail/submit.ts'
import { until } from '#test/until.ts'
import { copyOfActs } from './actsfolder.ts'
import { clerk, people, register } from './ledger.ts'
import { TestMail } from './mailserver.ts'

const scan = { name: 'to-khai.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7\nTờ khai\n') }

describe('workers', function () {
  this.timeout(120_000)
  let mail: TestMail
  beforeEach(async () => {
    mail = await TestMail.start('2026-11-26T02:00:00Z')
  })
  afterEach(() => mail[Symbol.asyncDispose]())

  async function lodge(id: string): Promise<string> {
    return mail.lodge(id, scan)
  }

  it('may run several at once: numbers stay contiguous, each case is received once', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => `AAAA-${String(i).padStart(4, '0')}-A`)
    const all = [await mail.workers(), await mail.workers(), await mail.workers()]
    using reader = mail.reader()
    try {
      await Promise.all(ids.map(lodge))
      await until('every lodging', () => reader.cases({}).total === ids.length)
      await Promise.all(
        ids.map((id) =>
          mail.command({
            by: people.clerk,
            office: clerk,
            kind: 'dossier.receive',
            case: id,
            saw: reader.case(id)!.row.changed,
          }),
        ),
      )
      await until('every receipt', () => reader.arrivals({ year: 2026, now: '' }).total === ids.length)
    } finally {
      for (const one of all) await one[Symbol.asyncDispose]()
    }
    const lines = reader.arrivals({ year: 2026, now: '' }).rows
    expect(lines.map((l) => l.n).reverse()).to.deep.equal(ids.map((_, i) => i + 1))
    expect(new Set(lines.map((l) => l.case)).size).to.equal(ids.length)
    const { rows } = await mail.directory('cli')['queue.list']({ limit: 500 })
    expect(rows.filter((r) => r.to === 'hop.thu@indongthanh.example')).to.have.length(ids.length)
  })

  it('take a message with the identifier of an earlier one as that one, and file it', async () => {
    await using _workers = await mail.workers()
    using reader = mail.reader()
    const { seq } = await mail.entry(reader, await lodge('AAAA-AAAA-A'))
    const given = {
      by: people.clerk,
      office: clerk,
      kind: 'dossier.receive',
      case: 'AAAA-AAAA-A',
      id: 'one@haiduong.gov.vn',
    }
    await mail.command({ ...given, saw: seq })
    await mail.entry(reader, 'one@haiduong.gov.vn')
    await mail.command({ ...given, kind: 'dossier.reject', saw: seq, data: { reason: 'x' } })
    await using box = await mail.registerBox()
    const handled = 'Handled/2026'
    await until('both to be filed', async () => (await box.counts(handled)).messages === 3)
    expect((await box.counts('INBOX')).messages).to.equal(0)
    expect(reader.entries('AAAA-AAAA-A').map((e) => e.kind)).to.deep.equal(['dossier.lodge', 'dossier.receive'])
  })

  it('remind and report late by the clock, once', async () => {
    {
      await using _workers = await mail.workers()
      using reader = mail.reader()
      await mail.entry(reader, await lodge('AAAA-AAAA-A'))
    }
    await mail.moveTo('2026-11-30T02:00:00Z') // the clerk's step ended at closing time of Friday 27
    await using _workers = await mail.workers()
    using reader = mail.reader()
    await until('the report', () => reader.entries('AAAA-AAAA-A').some((e) => e.kind === 'dossier.overdue'))
    await using box = await mail.registerBox()
    await until('an empty INBOX', async () => (await box.counts('INBOX')).messages === 0)
    expect(reader.entries('AAAA-AAAA-A').map((e) => e.kind)).to.deep.equal(['dossier.lodge', 'dossier.overdue'])
    expect((reader.case('AAAA-AAAA-A')!.state as Case).history.at(-1)!.text).to.contain('Quá hạn ở Văn thư')
  })

  it('give up a command that keeps failing, and take it again when it is moved back', async () => {
    using acts = copyOfActs()
    acts.write(
      'dossier/receive.ts',
      `export default { kind: 'dossier.receive', v: 1, title: 'a', verb: 'b', icon: 'c', by: 'party', stale: 'allow', fields: [],
        turns: (s) => s?.turn ? [{ party: s.turn.party.address, act: 'dossier.receive' }] : [],
        decide: () => { throw new Error('the world is broken') }, apply: (s) => s, say: () => '', tell: () => [] }`,
    )
    using reader = mail.reader()
    let command: string
    {
      await using _workers = await mail.workers({ acts: acts.dir, tries: 1 })
      const { seq } = await mail.entry(reader, await lodge('AAAA-AAAA-A'))
      command = await mail.command({
        by: people.clerk,
        office: clerk,
        kind: 'dossier.receive',
        case: 'AAAA-AAAA-A',
        saw: seq,
      })
      await using box = await mail.registerBox()
      await until('the dead letter', async () => (await box.counts('Dead letters')).messages === 1)
    }
    await using box = await mail.registerBox()
    const [uid] = await box.search({ folder: 'Dead letters', query: { all: true } })
    expect((await box.source({ folder: 'Dead letters', uid: uid! })).toString()).to.match(
      /^Delivery-Failure: .*the world is broken/m,
    )
    await using _workers = await mail.workers()
    await box.move({ folder: 'Dead letters', uids: [uid!], to: 'INBOX' })
    expect((await mail.entry(reader, command)).kind).to.equal('dossier.receive')
  })

  it('act on nothing that is not sealed as it must be', async () => {
    await using _workers = await mail.workers()
    using reader = mail.reader()
    const { seq } = await mail.entry(reader, await lodge('AAAA-AAAA-A'))
    const box = await mail.registerBox()
    try {
      // from the outside, with every field of ours
      const raw = Buffer.from(
        [
          `From: ${people.clerk}`,
          `To: ${register}`,
          'Subject: x',
          'Message-ID: <forged@x>',
          'CongSo-Kind: dossier.receive',
          'CongSo-Case: AAAA-AAAA-A',
          'MIME-Version: 1.0',
          'Content-Type: text/plain',
          '',
          'TIẾP NHẬN',
          '',
        ].join('\r\n'),
      )
      const id = createHash('sha256').update(raw).digest('hex')
      const { results } = await mail.directory('edge').handover({
        from: 'a@outside.example',
        to: [register],
        raw,
        spam: false,
        id,
        helo: 'x',
        ip: '192.0.2.1',
      })
      expect(results[0]).to.include({ ok: true })
      // somebody else's office
      const denied = await submit(mail.access('submission', people.officer, 'CongSo@2026'), {
        from: clerk,
        to: [register],
        raw,
      }).then(
        () => undefined,
        (err: Error) => err,
      )
      expect(denied).to.be.instanceOf(Error)
      const probe = await mail.command({ by: people.officer, kind: 'dossier.receive', case: 'AAAA-AAAA-A', saw: seq })
      await using officer = await mail.open(people.officer)
      await until('the refusal', async () =>
        (await mail.letters(officer, 'INBOX')).some((m) => m.head.inReplyTo === probe),
      )
      expect(reader.entries('AAAA-AAAA-A')).to.have.length(1)
      expect((await box.counts('INBOX')).messages, 'the forged one stays for the clerk').to.equal(1)
    } finally {
      await box[Symbol.asyncDispose]()
    }
  })
})
