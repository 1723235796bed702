import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Case } from '#acts/dossier/case.ts'
import { paths } from '#config/settings.ts'
import type { PublicCase } from '#kit/act/family.ts'
import { loadActs } from '#kit/act/registry.ts'
import type { MailAccount } from '#kit/mail/imap.ts'
import { type Attachment, fileRef } from '#kit/message/write.ts'
import { until } from '#test/until.ts'
import type { ProjectionReader } from '#workflow/projection/reader.ts'
import { checkRebuild } from '#workflow/projection/rebuild.ts'
import { verifyRegisters } from '#workflow/verify/verify.ts'
import { copyOfActs, extendAct } from './actsfolder.ts'
import { clerk, head, leader, people, province, register } from './ledger.ts'
import { TestMail } from './mailserver.ts'

const fixture = (name: string, type: string): Attachment => ({
  name,
  type,
  content: readFileSync(join(import.meta.dirname, '../fixtures/files', name)),
})
const application = fixture('to-khai-ban-tin.pdf', 'application/pdf')
const draft = fixture('giay-phep-du-thao.pdf', 'application/pdf')
const inbox = (office: string) => `Chung/${office.slice(0, office.indexOf('@'))}/INBOX`

describe('a dossier by mail, on a real mail server', function () {
  this.timeout(120_000)
  let mail: TestMail
  let workers: AsyncDisposable
  let reader: ProjectionReader
  const boxes = new Map<string, MailAccount>()

  before(async () => {
    mail = await TestMail.start()
    workers = await mail.workers()
    reader = mail.reader()
    for (const person of Object.values(people)) boxes.set(person, await mail.open(person))
  })
  after(async () => {
    for (const box of boxes.values()) await box[Symbol.asyncDispose]()
    reader?.[Symbol.dispose]()
    await workers?.[Symbol.asyncDispose]()
    await mail?.[Symbol.asyncDispose]()
  })

  async function lodge(id: string): Promise<number> {
    const command = await mail.lodge(id, application)
    return (await mail.entry(reader, command)).seq
  }
  const state = (id: string) => reader.case(id)?.state as Case

  it('goes through every act as structured messages', async () => {
    const id = 'AAAA-AAAA-A'
    let saw = await lodge(id)
    expect(reader.worklist({ parties: [clerk] }).rows.map((r) => [r.case, r.stateName])).to.deep.equal([
      [id, 'Mới đăng ký'],
    ])
    const steps: { by: string; office?: string; kind: string; data?: unknown; files?: Attachment[] }[] = [
      { by: people.clerk, office: clerk, kind: 'dossier.receive' },
      {
        by: people.clerk,
        office: clerk,
        kind: 'dossier.forward',
        data: { to: head, due: nextWeek(), instruction: 'Thẩm định.' },
      },
      { by: people.head, office: head, kind: 'dossier.assign', data: { to: people.officer } },
      { by: people.officer, kind: 'dossier.propose', data: { opinion: 'Đủ điều kiện.' }, files: [draft] },
      { by: people.leader, office: leader, kind: 'dossier.return', data: { reason: 'Sửa tên gọi.' } },
      { by: people.officer, kind: 'dossier.propose', data: { opinion: 'Đã sửa.' }, files: [draft] },
      { by: people.leader, office: leader, kind: 'dossier.approve' },
      { by: people.clerk, office: clerk, kind: 'dossier.issue' },
    ]
    for (const step of steps) saw = (await mail.entry(reader, await mail.command({ ...step, case: id, saw }))).seq
    const done = state(id)
    expect(done.outer).to.equal(10)
    expect(done.code).to.match(/^000\.00\.15\.H23-\d{6}-0001$/)
    expect(done.arrival?.n).to.equal(1)
    expect(done.issued?.number).to.equal('01/GP-STTTT')
    expect(reader.outgoing({ year: done.issued!.year }).rows).to.have.length(1)
  })

  it('goes through every act by replies from a plain mail program', async () => {
    const id = 'BBBB-BBBB-B'
    let seq = await lodge(id)
    const steps: { by: string; folder: string; kind: string; line: string; files?: Attachment[] }[] = [
      { by: people.clerk, folder: inbox(clerk), kind: 'dossier.receive', line: 'TIẾP NHẬN' },
      {
        by: people.clerk,
        folder: inbox(clerk),
        kind: 'dossier.forward',
        line: `Chuyển: Phòng Báo chí - Xuất bản HẠN ${nextWeek()} Ý KIẾN thẩm định`,
      },
      { by: people.head, folder: inbox(head), kind: 'dossier.assign', line: 'GIAO: an.nguyen' },
      {
        by: people.officer,
        folder: 'INBOX',
        kind: 'dossier.propose',
        line: 'TRÌNH: đủ điều kiện cấp phép',
        files: [draft],
      },
      { by: people.leader, folder: inbox(leader), kind: 'dossier.return', line: 'TRẢ LẠI: sửa tên gọi bản tin' },
      { by: people.officer, folder: 'INBOX', kind: 'dossier.propose', line: 'trinh: da sua', files: [draft] },
      { by: people.leader, folder: inbox(leader), kind: 'dossier.approve', line: 'DUYỆT' },
      { by: people.clerk, folder: inbox(clerk), kind: 'dossier.issue', line: 'TRẢ KẾT QUẢ' },
    ]
    for (const step of steps) {
      const letter = await mail.letterAsking(boxes.get(step.by)!, step.folder, step.kind, seq)
      expect(letter.text, step.kind).to.contain('Trả lời thư này bằng')
      const command = await mail.reply({
        by: step.by,
        to: letter.head.replyTo!,
        line: step.line,
        subject: letter.head.subject,
        ...(step.files ? { files: step.files } : {}),
      })
      seq = (await mail.entry(reader, command)).seq
    }
    expect(state(id).outer).to.equal(10)
    expect(state(id).arrival?.n).to.equal(2)
    const approved = state(id).history.find((s) => s.kind === 'dossier.approve')!
    expect(approved).to.include({ address: people.leader })
    expect(approved.office, 'the office is the notice’s addressee').to.match(/Lãnh đạo/)
  })

  it('writes to the citizen with receipt and result, and to the portal the public part', async () => {
    const { rows } = await mail.directory('cli')['queue.list']({ limit: 100 })
    expect(rows.filter((r) => r.to === 'hop.thu@indongthanh.example')).to.have.length(4)
    const { token } = await mail.directory('portal')['auth.serviceToken']({ mailbox: province.portal })
    const { openAccount } = await import('#kit/mail/imap.ts')
    await using portal = await openAccount(mail.access('imap', province.portal, token))
    const copies = await mail.letters(portal, 'INBOX')
    const last = copies.find(
      (m) => m.is === 'notice' && m.notice.case === 'AAAA-AAAA-A' && m.notice.kind === 'dossier.issue',
    )
    if (last?.is !== 'notice') throw new Error('no copy of the result')
    const seen = last.notice.data as PublicCase
    expect(seen).to.include({ case: 'AAAA-AAAA-A', outer: 10, stateName: 'Đã trả kết quả', onTime: true })
    expect(seen.steps.map((s) => s.kind.slice(8))).to.deep.equal([
      'lodge',
      'receive',
      'forward',
      'assign',
      'propose',
      'return',
      'propose',
      'approve',
      'issue',
    ])
    expect(JSON.stringify(seen), 'no names of officials, no internal opinions').not.to.match(
      /Sửa tên gọi|Đủ điều kiện|Nguyễn/,
    )
    expect(last.files.map((f) => f.ref.sha256)).to.deep.equal([fileRef(draft).sha256])
    const received = copies.find(
      (m) => m.is === 'notice' && m.notice.case === 'AAAA-AAAA-A' && m.notice.kind === 'dossier.receive',
    )!
    expect(received.files[0]!.content.subarray(0, 5).toString()).to.equal('%PDF-')
  })

  it('sends the same command twice and acts once', async () => {
    const id = 'CCCC-CCCC-C'
    const saw = await lodge(id)
    const given = {
      by: people.clerk,
      office: clerk,
      kind: 'dossier.receive',
      case: id,
      saw,
      id: 'nonce-1@haiduong.gov.vn',
    }
    await mail.command(given)
    await mail.entry(reader, 'nonce-1@haiduong.gov.vn')
    await mail.command(given)
    await mail.command({ ...given, id: 'nonce-2@haiduong.gov.vn' })
    const refusal = await refusalOf('nonce-2@haiduong.gov.vn', people.clerk)
    expect(refusal.text).to.contain('Hồ sơ đã thay đổi')
    expect(reader.entries(id).map((e) => e.kind)).to.deep.equal(['dossier.lodge', 'dossier.receive'])
  })

  it('answers what it does not understand, and does nothing', async () => {
    const id = 'DDDD-DDDD-D'
    const seq = await lodge(id)
    const letter = await mail.letterAsking(boxes.get(people.clerk)!, inbox(clerk), 'dossier.receive', seq)
    const command = await mail.reply({ by: people.clerk, to: letter.head.replyTo!, line: 'Đồng ý nhé em' })
    const help = await refusalOf(command, people.clerk)
    expect(help.text).to.contain('Không hiểu dòng đầu tiên').and.contain('TIẾP NHẬN').and.contain('TỪ CHỐI: <lý do>')
    const stranger = await mail.reply({ by: people.officer, to: letter.head.replyTo!, line: 'TIẾP NHẬN' })
    expect((await refusalOf(stranger, people.officer)).text).to.contain('không hỏi bạn')
    expect(reader.entries(id)).to.have.length(1)
  })

  it('leaves ordinary mail in INBOX, unanswered', async () => {
    const subject = 'Hỏi giờ làm việc'
    await mail.reply({ by: people.officer, to: register, line: 'Xin hỏi giờ làm việc', subject })
    await mail.command({
      by: people.clerk,
      office: clerk,
      kind: 'dossier.receive',
      case: 'ZZZZ-ZZZZ-Z',
      saw: 0,
      id: 'after@haiduong.gov.vn',
    })
    await refusalOf('after@haiduong.gov.vn', people.clerk) // in UID order: the ordinary mail was looked at before
    await using box = await mail.registerBox()
    const { messages } = await box.page({ folder: 'INBOX', offset: 0, limit: 10 })
    expect(messages.map((m) => m.subject)).to.deep.equal([`Re: ${subject}`])
  })

  it('rejects by reply, and the citizen gets the slip with the reason', async () => {
    const id = 'FFFF-FFFF-F'
    const letter = await mail.letterAsking(boxes.get(people.clerk)!, inbox(clerk), 'dossier.reject', await lodge(id))
    const before = (await mail.directory('cli')['queue.list']({ limit: 500 })).rows.length
    const line = 'TỪ CHỐI: Tờ khai thiếu chữ ký của người đứng đầu.'
    await mail.entry(reader, await mail.reply({ by: people.clerk, to: letter.head.replyTo!, line }))
    expect(state(id)).to.include({ outer: 3 }).and.not.have.property('code')
    expect(reader.worklist({ parties: [clerk] }).rows.map((r) => r.case)).not.to.include(id)
    expect((await mail.directory('cli')['queue.list']({ limit: 500 })).rows).to.have.length(before + 1)
  })

  it('takes a new act as one file, by reply', async () => {
    using acts = copyOfActs()
    acts.add('dossier/extend.ts', extendAct)
    await workers[Symbol.asyncDispose]()
    workers = await mail.workers({ acts: acts.dir })
    const id = 'EEEE-EEEE-E'
    const saw = await lodge(id)
    const received = (
      await mail.entry(
        reader,
        await mail.command({ by: people.clerk, office: clerk, kind: 'dossier.receive', case: id, saw }),
      )
    ).seq
    const forwarded = (
      await mail.entry(
        reader,
        await mail.command({
          by: people.clerk,
          office: clerk,
          kind: 'dossier.forward',
          case: id,
          saw: received,
          data: { to: head, due: nextWeek() },
        }),
      )
    ).seq
    const letter = await mail.letterAsking(boxes.get(people.leader)!, inbox(leader), 'dossier.extend', forwarded)
    expect(letter.text).to.contain('GIA HẠN: <ngày/tháng/năm> LÝ DO <nội dung>')
    await mail.entry(
      reader,
      await mail.reply({ by: people.leader, to: letter.head.replyTo!, line: 'GIA HẠN: 31/12/2027 LÝ DO chờ ý kiến' }),
    )
    expect(state(id).due).to.equal('2027-12-31T10:00:00Z')
  })

  it('is the same when rebuilt, and sound when recounted', async () => {
    using acts = copyOfActs()
    acts.add('dossier/extend.ts', extendAct)
    const projections = paths(mail.settings.data).projections
    const registry = await loadActs(acts.dir)
    const checked = await checkRebuild({ folder: projections, register, registry, directory: mail.directory('cli') })
    expect(checked.differences).to.deep.equal([])
    const verified = await verifyRegisters({
      registers: [register],
      directory: mail.directory('workers'),
      mail: mail.access('imap', register),
      projections,
    })
    expect(verified.findings).to.deep.equal([])
    expect(verified.entries).to.be.greaterThan(20)
  })

  async function refusalOf(command: string, person: string) {
    return until(`the answer to ${command}`, async () =>
      (await mail.letters(boxes.get(person)!, 'INBOX')).find((m) => m.head.inReplyTo === command),
    ).catch((err: Error) => {
      throw new Error(`${err.message}\n${mail.output.slice(-3000)}`)
    })
  }
})

/** A day within every deadline of the story, as a form sends it. */
function nextWeek(): string {
  return new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)
}
