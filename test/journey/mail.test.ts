/**
 * Ordinary mail: officials between themselves and with the outside, in the webmail and in a mail program at the same time; spam,
 * quota, offices' folders, letters with acts.
 */
import { expect } from 'chai'
import { type Browser, chromium, type Page } from 'playwright-core'
import { compose } from '#kit/mail/compose.ts'
import { sendPlain } from '#kit/mail/sendplain.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { workingDay } from './dates.ts'
import { lodgeByPosts } from './formposts.ts'
import { MailProgram } from './mailprogram.ts'
import { outside } from './outside.ts'
import { draftLicence, people, signIn } from './staff.ts'

// in two pieces, so that no scanner takes this file for spam
const gtube = ['XJS*C4JDBQADN1.NSBN3*2IDNEN*', 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'].join('')

describe('journey: ordinary mail', function () {
  this.timeout(90_000)
  let suite: TestSuite
  let browser: Browser
  let clerk: Page
  let officer: MailProgram
  before(async () => {
    suite = await startTestSuite()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    clerk = await signIn(browser, suite.desk, people.clerk)
    officer = await MailProgram.open(people.officer, suite.ports)
  })
  after(async () => {
    await officer?.[Symbol.asyncDispose]()
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })

  const write = async (given: { to: string; subject: string; text: string; file?: string }) => {
    await clerk.goto(`${suite.desk}/thu/soan`)
    await clerk.getByLabel('Đến', { exact: true }).fill(given.to)
    await clerk.getByLabel('Chủ đề').fill(given.subject)
    await clerk.getByLabel('Nội dung').fill(given.text)
    if (given.file) await clerk.getByLabel('Thêm tệp').setInputFiles(given.file)
  }
  const fromOutside = async (given: { to: string; subject: string; text: string; html?: string }) => {
    const from = 'ban.doc@vi-du.example'
    const messageId = `${given.subject.replaceAll(/[^a-z]/gi, '')}${given.text.length}@vi-du.example`
    const raw = await compose({
      ...given,
      from: { address: from },
      to: [{ address: given.to }],
      messageId,
      date: new Date(),
    })
    await sendPlain({ host: '127.0.0.1', port: suite.ports.smtp, from, to: [given.to], raw })
  }
  const list = async (folder: string, q = '') => {
    await clerk.goto(`${suite.desk}/thu?${new URLSearchParams({ f: folder, ...(q ? { q } : {}) })}`)
    return clerk.locator('.msg .sub').allInnerTexts()
  }

  it('goes from the webmail to a colleague’s mail program, with its file, and is once in Sent', async () => {
    await write({ to: people.officer, subject: 'Lịch họp giao ban', text: 'Giao ban lúc 8 giờ.', file: draftLicence })
    await clerk.getByRole('button', { name: 'Gửi', exact: true }).click()
    await clerk.getByText('Đã gửi. Bản lưu').waitFor()
    const letter = await officer.letter('INBOX', 'Lịch họp giao ban')
    expect(letter.text).to.include('Giao ban lúc 8 giờ.')
    expect((await list('Sent')).filter((s) => s.includes('Lịch họp giao ban'))).to.have.length(1)
    await officer.send({
      to: people.clerk,
      subject: 'Re: Lịch họp giao ban',
      text: 'Tôi dự được.',
      inReplyTo: letter.messageId,
    })
    await until('the answer in the webmail', async () => (await list('INBOX')).some((s) => s.includes('Re: Lịch họp')))
    expect((await list('INBOX', 'lich hop')).join(), 'search without marks').to.include('Re: Lịch họp giao ban')
  })

  it('keeps a draft with its file, and sends it to the outside', async () => {
    await write({
      to: 'doanh.nghiep@vi-du.example',
      subject: 'Trả lời kiến nghị',
      text: 'Kính gửi Công ty',
      file: draftLicence,
    })
    await clerk.getByRole('button', { name: 'Lưu nháp' }).click()
    await clerk.getByText('Đã lưu nháp').waitFor()
    expect(await list('Drafts')).to.have.length(1)
    await clerk.locator('.msg a[data-open]').first().click()
    await clerk.getByText('giay-phep-du-thao.pdf').waitFor()
    await clerk.getByRole('button', { name: 'Gửi', exact: true }).click()
    await clerk.getByText('Đã gửi. Bản lưu').waitFor()
    expect(await list('Drafts'), 'the draft is gone').to.have.length(0)
    const sink = outside(suite)
    const got = await sink.letter('doanh.nghiep@vi-du.example', 'Trả lời kiến nghị')
    expect((await sink.file(got, /giay-phep/)).subarray(0, 5).toString()).to.equal('%PDF-')
  })

  it('comes from the outside; pictures from elsewhere are not loaded until asked for', async () => {
    const html =
      '<p>Kính gửi <b>Sở</b></p><img src="https://theo-doi.example/1.gif"><script>document.title="hỏng"</script>'
    await fromOutside({ to: people.clerk, subject: 'Hỏi thủ tục', text: 'Kính gửi Sở', html })
    await until('the letter', async () => (await list('INBOX')).some((s) => s.includes('Hỏi thủ tục')))
    await clerk.getByRole('link', { name: /Hỏi thủ tục/ }).click()
    await clerk.getByText('Ảnh từ bên ngoài chưa được tải').waitFor()
    const frame = clerk.frameLocator('iframe.letter-frame')
    await frame.getByText('Kính gửi').waitFor()
    expect(await frame.locator('img').getAttribute('src')).to.equal(null)
    expect(await clerk.title()).to.include('Hỏi thủ tục')
  })

  it('is refused at the door when it is spam for certain', async () => {
    const refused = await fromOutside({ to: people.clerk, subject: 'GTUBE', text: gtube }).catch(
      (e: { advice: string }) => e.advice,
    )
    expect(refused).to.match(/550/)
    expect(await list('INBOX')).to.not.include('GTUBE')
  })

  it('is refused for a full mailbox, which still gets official mail', async () => {
    expect((await suite.command('account', 'set', people.officer, '--quota', '1KB')).code).to.equal(0)
    await write({ to: people.officer, subject: 'Thư riêng', text: 'x'.repeat(2000) })
    await clerk.getByRole('button', { name: 'Gửi', exact: true }).click()
    await clerk.getByRole('alert').filter({ hasText: /đầy/ }).waitFor()
    const refused = await fromOutside({ to: people.officer, subject: 'Từ ngoài', text: 'x'.repeat(2000) }).catch(
      (e: { advice: string }) => e.advice,
    )
    expect(refused).to.match(/552/)
    expect(await officer.count('INBOX', 'Thư riêng')).to.equal(0)

    const lodged = await lodgeByPosts(suite.portal)
    await using byMail = await MailProgram.open(people.clerk, suite.ports)
    await using head = await MailProgram.open(people.head, suite.ports)
    const oneStop = 'Chung/motcua.stttt/INBOX'
    await byMail.reply(await byMail.letter(oneStop, lodged.reference), 'TIẾP NHẬN')
    await byMail.reply(await byMail.letter(oneStop, 'Đã tiếp nhận'), `CHUYỂN: Phòng Báo chí HẠN ${workingDay(6)}`)
    const forwarded = await head.letter('Chung/phongbcxb.stttt/INBOX', 'Chuyển xử lý')
    await head.reply(forwarded, 'GIAO: an.nguyen')
    await officer.letter('INBOX', 'Giao xử lý') // official: there although the mailbox is full
  })

  it('shows an office’s letters as shared folders, with the card of the act and its buttons; archiving keeps them there', async () => {
    await list('Chung/motcua.stttt/INBOX')
    await clerk.locator('.msg a[data-open]').last().click()
    await clerk.getByText('Chữ ký haiduong.gov.vn đúng').waitFor()
    const act = clerk.locator('section.act').getByRole('link', { name: 'Tiếp nhận', exact: true })
    expect(await act.getAttribute('href')).to.match(/^\/ho-so\/[^/]+\?viec=dossier\.receive#viec$/)
    await act.click()
    await clerk.waitForURL(/\/ho-so\//)
    expect(await clerk.locator('main').innerText()).to.include('Cấp giấy phép xuất bản bản tin')
    const before = await list('Chung/motcua.stttt/INBOX')
    await clerk.locator('.msg a[data-open]').last().click()
    await clerk
      .getByRole('button', { name: /^Lưu trữ/ })
      .last()
      .click()
    await until(
      'it to leave the inbox',
      async () => (await list('Chung/motcua.stttt/INBOX')).length === before.length - 1,
    )
    expect(await list('Chung/motcua.stttt/Archive')).to.have.length(1)
    expect(await list('Archive')).to.have.length(0)
  })
})
