/** An official's filters: rules by form, the reply while away, a script by hand; what they do to mail that arrives. */
import { expect } from 'chai'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { people, signIn } from './staff.ts'

describe('journey: filters', function () {
  this.timeout(120_000)
  let suite: TestSuite
  let browser: Browser
  let clerk: Page
  let head: Page
  before(async () => {
    suite = await startTestSuite()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    clerk = await signIn(browser, suite.desk, people.clerk)
    head = await signIn(browser, suite.desk, people.head)
  })
  after(async () => {
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })
  const write = async (subject: string, to: string = people.clerk) => {
    await head.goto(`${suite.desk}/thu/soan`)
    await head.getByLabel('Đến', { exact: true }).fill(to)
    await head.getByLabel('Chủ đề').fill(subject)
    await head.getByLabel('Nội dung').fill('Kính gửi.')
    await head.getByRole('button', { name: 'Gửi', exact: true }).click()
    await head.getByText('Đã gửi. Bản lưu').waitFor()
  }
  const shows = async (page: Page, folder: string, text: string) =>
    until('the letter', async () => {
      await page.goto(`${suite.desk}/thu?f=${encodeURIComponent(folder)}`)
      return (await page.locator('#letters').innerText()).includes(text)
    })

  it('a rule by form moves, flags and marks; what is missing is said beside its field', async () => {
    await clerk.goto(`${suite.desk}/thu`)
    await clerk.locator('#folders').getByText('Bộ lọc, vắng mặt').click()
    await clerk.getByRole('button', { name: 'Lưu quy tắc' }).click()
    await clerk.getByText('Ghi chữ cần tìm').waitFor()
    await clerk.getByLabel('Điều kiện 1', { exact: true }).selectOption('Tiêu đề có chữ')
    await clerk.getByLabel('Chữ hoặc số của điều kiện 1').fill('BÁO CÁO')
    await clerk.getByLabel('Chuyển vào').selectOption('Archive')
    await clerk.getByLabel('Gắn cờ Cần làm').check()
    await clerk.getByLabel('Gửi bản sao cho').fill('ngoai@example.com')
    await clerk.getByRole('button', { name: 'Lưu quy tắc' }).click()
    await clerk.getByText('Chỉ chuyển tiếp cho người hoặc cơ quan trong tỉnh').waitFor()
    expect(await clerk.getByLabel('Chữ hoặc số của điều kiện 1').inputValue()).to.equal('BÁO CÁO')
    await clerk.getByLabel('Gửi bản sao cho').fill('')
    await clerk.getByRole('button', { name: 'Lưu quy tắc' }).click()
    await clerk.getByText('Đã lưu. Áp dụng').waitFor()
    await write('Báo cáo quý IV')
    await shows(clerk, 'Archive', 'Báo cáo quý IV')
    expect(await clerk.locator('#letters').innerText()).to.contain('Cần làm')
  })

  it('rules are ordered, switched off, edited and deleted', async () => {
    await clerk.goto(`${suite.desk}/thu/bo-loc`)
    await clerk.getByText('Thêm quy tắc').click()
    await clerk.getByLabel('Chữ hoặc số của điều kiện 1').fill('lan.pham')
    await clerk.getByLabel('Đánh dấu đã đọc').check()
    await clerk.getByLabel('Tên quy tắc').fill('Của trưởng phòng')
    await clerk.getByRole('button', { name: 'Lưu quy tắc' }).click()
    await clerk.getByRole('button', { name: 'Đưa Của trưởng phòng lên' }).click()
    await until(
      'the list',
      async () => (await clerk.locator('.rule strong').allInnerTexts()).join() === 'Của trưởng phòng,BÁO CÁO',
    )
    await clerk.getByRole('button', { name: 'Tắt Của trưởng phòng' }).click()
    await clerk.locator('.rule').getByText('Đang tắt').waitFor()
    await clerk.getByRole('link', { name: 'Sửa Của trưởng phòng' }).click()
    expect(await clerk.getByLabel('Chữ hoặc số của điều kiện 1').inputValue()).to.equal('lan.pham')
    await clerk.getByRole('link', { name: 'Thôi' }).click()
    await clerk.getByRole('button', { name: 'Xoá Của trưởng phòng' }).click()
    await until('the list', async () => (await clerk.locator('.rule').count()) === 1)
  })

  it('who is away answers once', async () => {
    await clerk.goto(`${suite.desk}/thu/bo-loc`)
    await clerk.getByRole('link', { name: 'Trả lời vắng mặt' }).click()
    await clerk.getByLabel('Tự động trả lời thư đến').check()
    await clerk.getByRole('button', { name: 'Lưu', exact: true }).click()
    await clerk.getByText('Ghi lời nhắn').waitFor()
    await clerk.getByLabel('Tiêu đề').fill('Đi công tác Hà Nội')
    await clerk.getByLabel('Lời nhắn').fill('Tôi đi công tác, xin trả lời sau.')
    await clerk.getByLabel('Đến hết ngày').fill('31/12/2099')
    await clerk.getByRole('button', { name: 'Lưu', exact: true }).click()
    await clerk.getByText('Đã lưu. Áp dụng').waitFor()
    await write('Hỏi lịch họp')
    await write('Hỏi lịch họp lần hai')
    await shows(head, 'INBOX', 'Đi công tác Hà Nội')
    await shows(clerk, 'INBOX', 'Hỏi lịch họp lần hai')
    expect((await head.locator('#letters').innerText()).split('Đi công tác Hà Nội')).to.have.length.at.most(2)
  })

  it('a script by hand is text, with what is wrong by line and column; the page’s rules come back', async () => {
    await clerk.goto(`${suite.desk}/thu/bo-loc`)
    await clerk.getByText('Xem và sửa kịch bản (Sieve)').click()
    const script = clerk.getByLabel('Kịch bản Sieve')
    const before = await script.inputValue()
    expect(before).to.contain('vacation :days 3').and.contain('fileinto "Archive"')
    await script.fill('keep;\n  foo;')
    await clerk.getByRole('button', { name: 'Kiểm tra và lưu' }).click()
    await clerk.getByText('Dòng 2, cột 3').waitFor()
    await script.fill('require "fileinto";\nfileinto "Archive";')
    await clerk.getByRole('button', { name: 'Kiểm tra và lưu' }).click()
    await clerk.getByText('viết tay hoặc bằng chương trình khác').waitFor()
    await write('Vào lưu trữ')
    await shows(clerk, 'Archive', 'Vào lưu trữ')
    await clerk.goto(`${suite.desk}/thu/bo-loc`)
    await clerk.getByLabel('Kịch bản Sieve').fill(before)
    await clerk.getByRole('button', { name: 'Kiểm tra và lưu' }).click()
    await until('the list', async () => (await clerk.locator('.rule').count()) === 1)
    await clerk.getByRole('button', { name: 'Tắt mọi bộ lọc' }).click()
    await clerk.getByText('Bộ lọc đang tắt').waitFor()
  })

  it('holds at 360 and 1440 px', async () => {
    for (const width of [360, 1440])
      for (const path of ['/thu/bo-loc?sua=0', '/thu/vang-mat']) {
        await clerk.setViewportSize({ width, height: 900 })
        await clerk.goto(`${suite.desk}${path}`)
        const wide = await clerk.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        expect(wide, `${path} at ${width}`).to.be.at.most(0)
        const folder = process.env['CONGSO_SHOTS']
        if (folder) await clerk.screenshot({ path: `${folder}/${path.replaceAll(/[^a-z]/g, '')}-${width}.png` })
      }
  })

  it('who manages an office writes its absence reply, which goes out in the office’s name', async () => {
    const office = 'motcua.stttt@haiduong.gov.vn'
    await clerk.goto(`${suite.desk}/thu/vang-mat`)
    await clerk
      .getByRole('navigation', { name: 'Hộp thư' })
      .getByRole('link', { name: /Một cửa/ })
      .click()
    await clerk.getByLabel('Tự động trả lời thư đến').check()
    await clerk.getByLabel('Tiêu đề').fill('Văn phòng nghỉ Tết')
    await clerk.getByLabel('Lời nhắn').fill('Văn phòng nghỉ Tết đến hết mùng 5, xin trả lời sau.')
    await clerk.getByRole('button', { name: 'Lưu', exact: true }).click()
    await clerk.getByText('Đã lưu. Áp dụng').waitFor()
    await clerk.getByText(/Trần Thị Hà sửa/).waitFor()
    await clerk.getByRole('link', { name: 'Về bộ lọc thư' }).click()
    await clerk
      .getByRole('link', { name: /Một cửa/, exact: false })
      .and(clerk.locator('[aria-current]'))
      .waitFor()
    await write('Hỏi lịch tiếp dân', office)
    await shows(head, 'INBOX', 'Văn phòng nghỉ Tết')
    await head.getByText('Văn phòng nghỉ Tết').first().click()
    await head.getByText(office).first().waitFor({ state: 'attached' })
    const refused = await head.goto(`${suite.desk}/thu/bo-loc?cua=${office}`)
    expect(refused?.status()).to.equal(403)
  })
})
