/**
 * The story with a power cut in it: at every named crash point a process dies in the middle of a case, comes back, and the case
 * ends as if nothing had happened. Nothing accepted is lost or doubled, numbers have no gaps, the books come out the same.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { compose } from '#kit/mail/compose.ts'
import { sendPlain } from '#kit/mail/sendplain.ts'
import { type CrashPoint, crashPoints } from '#kit/process/crash.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { workingDay } from './dates.ts'
import { lodgeByPosts } from './formposts.ts'
import { MailProgram } from './mailprogram.ts'
import { outside } from './outside.ts'
import { draftLicence, people } from './staff.ts'

describe('journey: a power cut at every durable step', function () {
  this.timeout(120_000)
  let suite: TestSuite
  let orders: string
  let clerk: MailProgram
  let head: MailProgram
  let officer: MailProgram
  let leader: MailProgram
  let cases = 0

  before(async () => {
    orders = mkdtempSync(join(tmpdir(), 'congso-crash-'))
    suite = await startTestSuite({ CONGSO_CRASH_ORDER: join(orders, 'order'), CONGSO_RSPAMD: 'off' })
    ;[clerk, head, officer, leader] = (await Promise.all(
      [people.clerk, people.head, people.officer, people.leader].map((a) => MailProgram.open(a, suite.ports)),
    )) as [MailProgram, MailProgram, MailProgram, MailProgram]
  })
  after(async () => {
    await Promise.all([clerk, head, officer, leader].map((p) => p?.[Symbol.asyncDispose]()))
    await suite?.[Symbol.asyncDispose]()
    rmSync(orders, { recursive: true, force: true })
  })

  for (const point of crashPoints)
    it(`survives ${point}`, async () => {
      await oneCase(point)
      // slices are of the texts of files, which are read when there is time
      await until(`${point} to be passed`, () => !existsSync(join(orders, 'order')))
    })

  it('has books that rebuild and verify clean, one number each, without gaps', async () => {
    for (const command of [['rebuild', '--check'], ['verify']]) {
      const { code, out } = await suite.command(...command)
      expect(code, out).to.equal(0)
    }
    const sink = outside(suite)
    const receipts = await sink.list('vanphong@gomchudau.example')
    const codes = receipts
      .filter((m) => m.subject.includes('Giấy tiếp nhận'))
      .map((m) => Number(/-(\d{4})\]/.exec(m.subject)![1]))
      .sort((a, b) => a - b)
    expect([...new Set(codes)]).to.deep.equal(Array.from({ length: cases }, (_, i) => i + 1))
    // SMTP cannot close the window between the other side's 250 and our commit (RFC 1047): one letter may be there twice
    expect(codes.length - cases, 'receipts sent twice').to.be.within(0, 1)
  })

  /** One case from lodging to its result by answers, and one letter from outside, with a crash ordered before it begins. */
  async function oneCase(point: CrashPoint): Promise<void> {
    const order = join(orders, 'order')
    writeFileSync(order, point)
    const word = `Thư hỏi ${point}`
    const [lodged] = await Promise.all([lodgeByPosts(suite.portal), fromOutside(word)])
    cases++
    const n = `-${String(cases).padStart(4, '0')}]`
    const oneStop = 'Chung/motcua.stttt/INBOX'
    await clerk.reply(await clerk.letter(oneStop, lodged.reference), 'TIẾP NHẬN')
    await clerk.reply(await clerk.letter(oneStop, `${n} Đã tiếp nhận`), `CHUYỂN: Phòng Báo chí HẠN ${workingDay(6)}`)
    await head.reply(await head.letter('Chung/phongbcxb.stttt/INBOX', `${n} Chuyển xử lý`), 'GIAO: an.nguyen')
    await officer.reply(await officer.letter('INBOX', `${n} Giao xử lý`), 'TRÌNH: Đủ điều kiện', [draftLicence])
    await leader.reply(await leader.letter('Chung/lanhdao.stttt/INBOX', `${n} Trình duyệt`), 'DUYỆT')
    await clerk.reply(await clerk.letter(oneStop, `${n} Đã duyệt`), 'PHÁT HÀNH')
    const sink = outside(suite)
    await until(`the result of case ${cases}`, async () =>
      (await sink.list('vanphong@gomchudau.example')).some((m) => m.subject.includes(`${n} Trả kết quả`)),
    )
    await clerk.letter('INBOX', word)
    expect(await clerk.count('INBOX', word), `“${word}” once`).to.equal(1)
    for (const [who, folder, words] of [
      [clerk, oneStop, `${n} Đã tiếp nhận`],
      [head, 'Chung/phongbcxb.stttt/INBOX', `${n} Chuyển xử lý`],
      [leader, 'Chung/lanhdao.stttt/INBOX', `${n} Trình duyệt`],
    ] as const)
      expect(await who.count(folder, words), `${words} once`).to.equal(1)
  }

  /** A stranger's server: it keeps its letter until it gets a 250. */
  async function fromOutside(subject: string): Promise<void> {
    const raw = await compose({
      from: { address: 'hoi@vi-du.example' },
      to: [{ address: people.clerk }],
      subject,
      messageId: `${subject.replaceAll(/[^a-zA-Z.]/g, '')}@vi-du.example`,
      date: new Date(),
      text: 'Xin hỏi về hồ sơ.',
    })
    await until(`the edge to take “${subject}”`, async () => {
      try {
        await sendPlain({
          host: '127.0.0.1',
          port: suite.ports.smtp,
          from: 'hoi@vi-du.example',
          to: [people.clerk],
          raw,
        })
        return true
      } catch (err) {
        const said = String((err as { advice?: string }).advice ?? err)
        if (/ 5\d\d /.test(said)) throw err
        return false
      }
    })
  }
})
