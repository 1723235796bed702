import { expect } from 'chai'
import { compose } from '#kit/mail/compose.ts'
import type { MailAccount } from '#kit/mail/imap.ts'
import { submit } from '#kit/mail/submit.ts'
import { letterBodies } from '#kit/message/markup.ts'
import { writeEvent } from '#kit/message/write.ts'
import { until } from '#test/until.ts'
import type { ProjectionReader } from '#workflow/projection/reader.ts'
import { clerk, head, leader, people, register } from './ledger.ts'
import { TestMail } from './mailserver.ts'

const scan = { name: 'to-khai.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7\nTờ khai\n') }
const id = 'AAAA-AAAA-A'
const motcua = 'Chung/motcua.stttt/INBOX'

describe('a register does nothing that it must not', function () {
  this.timeout(120_000)
  let mail: TestMail
  let workers: AsyncDisposable | undefined
  let reader: ProjectionReader
  let clerkBox: MailAccount

  beforeEach(async () => {
    mail = await TestMail.start('2026-11-26T02:00:00Z')
    await begin()
    await mail.entry(reader, await lodge())
  })
  afterEach(async () => {
    await end()
    await mail[Symbol.asyncDispose]()
  })
  async function begin(): Promise<void> {
    workers = await mail.workers()
    reader = mail.reader()
    clerkBox = await mail.open(people.clerk)
  }
  async function end(): Promise<void> {
    await clerkBox[Symbol.asyncDispose]()
    reader[Symbol.dispose]()
    await workers?.[Symbol.asyncDispose]()
  }
  const lodge = async () => mail.lodge(id, scan)
  const receive = { by: people.clerk, office: clerk, kind: 'dossier.receive', case: id, saw: 1 }
  const kinds = () => reader.entries(id).map((e) => e.kind)
  /** The answer to a command, in the person's own INBOX. */
  async function answer(command: string, box = clerkBox) {
    return until(`the answer to ${command}`, async () =>
      (await mail.letters(box, 'INBOX')).find((m) => m.head.inReplyTo === command),
    )
  }
  /** Once this is answered, everything that was sent before it was looked at. */
  async function settled(): Promise<void> {
    await answer(await mail.command({ ...receive, case: 'ZZZZ-ZZZZ-Z' }))
  }

  it('by a right that was withdrawn', async () => {
    const cli = mail.directory('cli')
    const { grants } = await cli['directory.grants']({ person: people.clerk, office: clerk })
    const letter = await mail.letterAsking(clerkBox, motcua, 'dossier.receive', 1)
    await cli['grant.end']({ grant: grants[0]!.grant, at: '2026-11-26T00:00:00Z' })
    const reply = await mail.reply({ by: people.clerk, to: letter.head.replyTo!, line: 'TIẾP NHẬN' })
    expect((await answer(reply)).text).to.contain('quyền thay mặt đã thu hồi')
    expect(kinds()).to.deep.equal(['dossier.lodge'])
  })

  it('by an answer that comes too late', async () => {
    const letter = await mail.letterAsking(clerkBox, motcua, 'dossier.receive', 1)
    await end()
    await mail.moveTo('2026-12-04T02:00:00Z')
    await begin()
    const reply = await mail.reply({ by: people.clerk, to: letter.head.replyTo!, line: 'TIẾP NHẬN' })
    expect((await answer(reply)).text).to.contain('hết hạn trả lời')
    expect(kinds()).not.to.include('dossier.receive')
  })

  it('by a second answer after the case moved on', async () => {
    const letter = await mail.letterAsking(clerkBox, motcua, 'dossier.receive', 1)
    await mail.entry(reader, await mail.reply({ by: people.clerk, to: letter.head.replyTo!, line: 'TIẾP NHẬN' }))
    const second = await mail.reply({ by: people.clerk, to: letter.head.replyTo!, line: 'TỪ CHỐI: nhầm' })
    const text = (await answer(second)).text
    expect(text).to.contain('Hồ sơ đã thay đổi').and.contain('Tiếp nhận, cấp mã hồ sơ')
    expect(kinds()).to.deep.equal(['dossier.lodge', 'dossier.receive'])
  })

  it('by a machine that answers: nothing is done, nobody is answered', async () => {
    const letter = await mail.letterAsking(clerkBox, motcua, 'dossier.receive', 1)
    const raw = await compose({
      from: { address: people.clerk },
      to: [{ address: letter.head.replyTo! }],
      subject: 'Tự động trả lời',
      messageId: 'vacation@haiduong.gov.vn',
      date: new Date(),
      headers: [{ name: 'Auto-Submitted', value: 'auto-replied' }],
      text: 'TIẾP NHẬN\n',
    })
    await submit(mail.access('submission', people.clerk), { from: people.clerk, to: [letter.head.replyTo!], raw })
    await settled()
    expect(kinds()).to.deep.equal(['dossier.lodge'])
    expect((await mail.letters(clerkBox, 'INBOX')).map((m) => m.head.inReplyTo)).not.to.include(
      'vacation@haiduong.gov.vn',
    )
    await using box = await mail.registerBox()
    expect((await box.counts('INBOX')).messages, 'it stays for the clerk').to.equal(1)
  })

  it('by an event that a person wrote', async () => {
    const now = '2026-11-26T02:00:00Z'
    const { raw } = await writeEvent(
      {
        from: { address: people.clerk },
        to: [{ address: register }],
        subject: 'x',
        messageId: 'event@haiduong.gov.vn',
        date: new Date(),
      },
      letterBodies({ agency: 'Sở', paragraphs: ['x'] }),
      {
        ledger: register,
        seq: 2,
        prev: reader.head()!.hash,
        at: now,
        command: 'x@y',
        kind: 'dossier.receive',
        v: 1,
        case: id,
        actor: { person: people.clerk, name: 'Hà' },
        receivedAt: now,
        data: {},
        files: [],
      },
    )
    const byHand = Buffer.from(
      raw.toString('latin1').replace('Auto-Submitted: auto-generated', 'Auto-Submitted: no'),
      'latin1',
    )
    await submit(mail.access('submission', people.clerk), { from: people.clerk, to: [register], raw: byHand })
    expect((await answer('event@haiduong.gov.vn')).text).to.contain('không phải là lệnh')
    expect(kinds()).to.deep.equal(['dossier.lodge'])
  })

  it('by a command that names another register', async () => {
    const other = 'so.snv@haiduong.gov.vn'
    await mail.command({ ...receive, to: other, id: 'elsewhere@haiduong.gov.vn' })
    await settled()
    expect(kinds()).to.deep.equal(['dossier.lodge'])
  })

  it('by its owner, who may change nothing in the ledger', async () => {
    await using box = await mail.registerBox()
    const year = 'Ledger/2026'
    const [uid] = await box.search({ folder: year, query: { all: true } })
    const raw = await box.source({ folder: year, uid: uid! })
    const tries = [
      () => box.append({ folder: year, raw }),
      () => box.append({ folder: 'INBOX', raw }),
      () => box.move({ folder: year, uids: [uid!], to: 'INBOX' }),
      () => box.copy({ folder: year, uids: [uid!], to: 'Handled/2026' }),
      () => box.expunge({ folder: year, uids: [uid!] }),
      () => box.deleteFolder(year),
    ]
    for (const attempt of tries)
      expect(
        await attempt().then(
          () => 'done',
          () => 'refused',
        ),
        String(attempt),
      ).to.equal('refused')
    expect((await box.counts(year)).messages).to.equal(1)
  })

  it('answers somebody who keeps sending nonsense five times, and then tells the clerk once', async () => {
    await using officer = await mail.open(people.officer)
    const sent: string[] = []
    for (let i = 0; i < 8; i++)
      sent.push(await mail.command({ by: people.officer, kind: 'dossier.receive', case: id, saw: 1 }))
    await until('the task', async () =>
      (await mail.letters(clerkBox, motcua)).some((m) => m.head.subject.startsWith('Nhiều yêu cầu')),
    )
    await settled()
    const answered = (await mail.letters(officer, 'INBOX')).filter((m) => sent.includes(m.head.inReplyTo ?? ''))
    expect(answered).to.have.length(5)
    const tasks = (await mail.letters(clerkBox, motcua)).filter((m) => m.head.subject.startsWith('Nhiều yêu cầu'))
    expect(tasks).to.have.length(1)
  })

  it('lets a person who holds nothing else only read: no office, no act', async () => {
    const refused = await mail
      .command({ by: people.officer, office: leader, kind: 'dossier.receive', case: id, saw: 1 })
      .then(
        () => undefined,
        (err: Error) => err,
      )
    expect(refused?.message).to.match(/refused/)
    expect(reader.worklist({ parties: [head] }).total).to.equal(0)
  })
})
