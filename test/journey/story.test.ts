/**
 * The main job, whole: a business lodges at the portal, officials act on it, the citizen gets the result. Once on the pages in
 * a real browser, once by answers from an ordinary mail program, in one suite as `npm start` runs it.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { application, fill, lodge, lookUp, next } from './applicant.ts'
import { workingDay } from './dates.ts'
import { MailProgram } from './mailprogram.ts'
import { outside } from './outside.ts'
import { acts, draftLicence, people, signIn } from './staff.ts'

describe('journey: from an application to its result', function () {
  this.timeout(240_000)
  let suite: TestSuite
  let browser: Browser
  before(async () => {
    suite = await startTestSuite()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
  })
  after(async () => {
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((c) => c.close()))
  })

  it('says within one screen where to go, who can sign in, and what is off', () => {
    expect(suite.output.split('\n').length).to.be.lessThan(30)
    const said = suite.output.split('\n').filter((line) => line.startsWith('  ') && !line.includes(suite.data))
    expect(Math.max(...said.map((line) => line.length))).to.be.within(20, 80)
    for (const words of [suite.portal, suite.desk, suite.sink, people.clerk, 'CongSo@2026'])
      expect(suite.output).to.include(words)
    const { imap, imaps, pop3, pop3s, submission, submissions, sieve, smtp, lmtp } = suite.ports
    for (const port of [imap, imaps, pop3, pop3s, submission, submissions, sieve, smtp, lmtp])
      expect(suite.output).to.match(new RegExp(`^  .* ${port} `, 'm'))
  })

  it('shows each mistake next to its field, keeps what was typed, and finds the draft again', async () => {
    const page = await citizen()
    await page.goto(`${suite.portal}/thu-tuc/1.009374`)
    await page
      .getByRole('button', { name: /Nộp hồ sơ|Soạn hồ sơ|Bắt đầu/ })
      .first()
      .click()
    await fill(page, { ...application, dienThoai: '12', maSoThue: 'không có', thuDienTu: 'vanphong' })
    await next(page)
    await page.getByText('Còn 3 mục cần sửa').waitFor()
    for (const name of ['dienThoai', 'maSoThue', 'thuDienTu']) {
      expect(await page.locator(`[name="${name}"]`).getAttribute('aria-invalid'), name).to.equal('true')
      expect(await page.locator(`#f-${name}-e`).innerText(), name).to.match(/\p{L}/u)
    }
    expect(await page.locator('[name="tenCoQuan"]').inputValue()).to.equal(application['tenCoQuan'])
    await fill(page)
    await next(page)
    await page.getByRole('heading', { name: 'Người chịu trách nhiệm', level: 1 }).waitFor()
    const resume = page.url().replace(/\/[^/]*$/, '')
    const again = await citizen()
    await again.goto(resume)
    await again.getByText('Cơ quan, tổ chức đề nghị').first().waitFor()
    await again
      .getByRole('link', { name: /Cơ quan, tổ chức đề nghị/ })
      .first()
      .click()
    expect(await again.locator('[name="tenCoQuan"]').inputValue()).to.equal(application['tenCoQuan'])
  })

  it('runs on the pages: lodged, received, forwarded, assigned, proposed, returned, approved, issued, looked up', async () => {
    const page = await citizen()
    const one = await lodge(page, suite.portal)
    const sink = outside(suite)
    const acknowledged = await sink.letter('vanphong@gomchudau.example', one.reference)
    expect(acknowledged.text).to.include(one.secret)

    const clerk = await signIn(browser, suite.desk, people.clerk)
    await clerk.getByText('Mới đăng ký').first().waitFor()
    await acts.receive(clerk, suite.desk, one.reference)
    const receipt = await sink.letter('vanphong@gomchudau.example', 'Giấy tiếp nhận hồ sơ và hẹn trả kết quả')
    const code = /\[(000\.00\.15\.H23-\d{6}-0001)\]/.exec(receipt.subject)?.[1]
    expect(code, 'mã hồ sơ').to.be.a('string')
    expect(pdfText(await sink.file(receipt, /\.pdf$/)))
      .to.include(code)
      .and.include('Công ty Cổ phần Gốm sứ Chu Đậu')

    await acts.forward(clerk, suite.desk, one.reference, workingDay(6))
    const head = await signIn(browser, suite.desk, people.head)
    await acts.assign(head, suite.desk, one.reference)
    const officer = await signIn(browser, suite.desk, people.officer)
    await acts.propose(officer, suite.desk, one.reference, 'Đủ điều kiện cấp phép.')
    const leader = await signIn(browser, suite.desk, people.leader)
    await acts.sendBack(leader, suite.desk, one.reference, 'Sửa tên gọi cho đúng tờ khai.')
    await officer.goto(`${suite.desk}/ho-so/${one.reference}`)
    await officer.getByText('Sửa tên gọi cho đúng tờ khai.').first().waitFor()
    await acts.propose(officer, suite.desk, one.reference, 'Đã sửa tên gọi.')
    await acts.approve(leader, suite.desk, one.reference)
    await acts.issue(clerk, suite.desk, one.reference)

    const result = await sink.letter('vanphong@gomchudau.example', 'Trả kết quả')
    expect(pdfText(await sink.file(result, /giay-phep/))).to.include('GIẤY PHÉP XUẤT BẢN BẢN TIN')

    await lookUp(page, suite.portal, one)
    await page
      .getByText(/[Tt]rả kết quả số/)
      .first()
      .waitFor()
    const shown = await page.locator('main').innerText()
    expect(shown)
      .to.include(code)
      .and.match(/[Tt]rước hạn|[Đđ]úng hạn/)
    await clerk.goto(`${suite.desk}/van-ban/den`)
    expect(await clerk.locator('tr[data-row]').first().innerText()).to.include('Công ty Cổ phần Gốm sứ Chu Đậu')
    const book = await clerk.context().request.get(`${suite.desk}/van-ban/den/in`)
    expect(book.headers()['content-type']).to.include('application/pdf')
  })

  it('runs by answers from a mail program alone', async () => {
    const page = await citizen()
    const two = await lodge(page, suite.portal)
    const open = (address: string) => MailProgram.open(address, suite.ports)
    await using clerk = await open(people.clerk)
    await using head = await open(people.head)
    await using officer = await open(people.officer)
    await using leader = await open(people.leader)
    const oneStop = 'Chung/motcua.stttt/INBOX'
    const n = '-0002]'

    await clerk.reply(await clerk.letter(oneStop, two.reference), 'TIẾP NHẬN')
    await clerk.reply(
      await clerk.letter(oneStop, `${n} Đã tiếp nhận`),
      `CHUYỂN: Phòng Báo chí HẠN ${workingDay(6)} Ý KIẾN Thẩm định giúp`,
    )
    await head.reply(await head.letter('Chung/phongbcxb.stttt/INBOX', `${n} Chuyển xử lý`), 'Phân công: an.nguyen')
    const given = await officer.letter('INBOX', `${n} Giao xử lý`)
    await officer.reply(given, 'TRÌNH: Đủ điều kiện cấp phép', [draftLicence])
    const first = await leader.letter('Chung/lanhdao.stttt/INBOX', `${n} Trình duyệt`)
    await leader.reply(first, 'TRẢ LẠI: Sửa tên gọi')
    const back = await officer.letter('INBOX', `${n} Trả lại`)
    expect(back.text).to.include('Sửa tên gọi')
    await officer.reply(back, 'TRÌNH: Đã sửa', [draftLicence])
    const second = await leader.letter('Chung/lanhdao.stttt/INBOX', `${n} Trình duyệt`, first.uid)
    await leader.reply(second, 'Tôi đồng ý nhé')
    const help = await leader.letter('INBOX', 'Re: ')
    expect(help.text).to.include('DUYỆT')
    await leader.reply(second, 'duyet')
    await clerk.reply(await clerk.letter(oneStop, `${n} Đã duyệt`), 'TRẢ KẾT QUẢ')

    const sink = outside(suite)
    const result = await until('the result of the second case', async () =>
      (await sink.list('vanphong@gomchudau.example')).find((m) => m.subject.includes(`${n} Trả kết quả`)),
    )
    expect(result.from).to.equal('so.stttt@haiduong.gov.vn')
    await lookUp(page, suite.portal, two)
    await page
      .getByText(/[Tt]rả kết quả số/)
      .first()
      .waitFor()
  })

  it('kept what the books say: rebuild and verify find nothing', async () => {
    for (const command of [['rebuild', '--check'], ['verify']]) {
      const { code, out } = await suite.command(...command)
      expect(code, out).to.equal(0)
    }
  })

  async function citizen(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    return context.newPage()
  }
  const pdfText = (pdf: Buffer): string => {
    const path = join(suite.data, 'looked-at.pdf')
    writeFileSync(path, pdf)
    return execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }).replaceAll(/\s+/g, ' ')
  }
})
