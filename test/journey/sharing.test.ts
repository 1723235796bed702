/** Persons share folders and let others send on their behalf: in the webmail, in a mail program, by the administrator. */
import { expect } from 'chai'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { MailProgram } from './mailprogram.ts'
import { people, signIn } from './staff.ts'

describe('journey: sharing', function () {
  this.timeout(90_000)
  let suite: TestSuite
  let browser: Browser
  let clerk: Page
  let head: Page
  let program: MailProgram
  before(async () => {
    suite = await startTestSuite()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    clerk = await signIn(browser, suite.desk, people.clerk)
    head = await signIn(browser, suite.desk, people.head)
    program = await MailProgram.open(people.head, suite.ports)
  })
  after(async () => {
    await program?.[Symbol.asyncDispose]()
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })
  const write = async (page: Page, given: { from?: string; to: string; subject: string }) => {
    await page.goto(`${suite.desk}/thu/soan`)
    if (given.from) await page.getByLabel('Từ', { exact: true }).selectOption(given.from)
    await page.getByLabel('Đến', { exact: true }).fill(given.to)
    await page.getByLabel('Chủ đề').fill(given.subject)
    await page.getByLabel('Nội dung').fill('Kính gửi.')
    await page.getByRole('button', { name: 'Gửi', exact: true }).click()
  }

  it('a clerk shares her inbox from the webmail, found by typing a name; the head reads and marks it, and cannot delete', async () => {
    await write(head, { to: people.clerk, subject: 'Lịch tiếp dân' })
    await head.getByText('Đã gửi. Bản lưu').waitFor()
    await clerk.goto(`${suite.desk}/thu/chia-se`)
    const form = clerk.locator('form.card-form').first()
    await form.getByLabel('Người hoặc nhóm').pressSequentially('pham ngoc lan')
    await clerk.locator(`#people option[value*="${people.head}"]`).waitFor({ state: 'attached' })
    const suggested = await clerk.locator(`#people option[value*="${people.head}"]`).getAttribute('value')
    await form.getByLabel('Người hoặc nhóm').fill(suggested!)
    await form.getByLabel('Xem và đánh dấu').check()
    await form.getByLabel('Đến hết ngày').fill('31/12/2099')
    await form.getByRole('button', { name: 'Chia sẻ' }).click()
    await clerk.getByText('Đã chia sẻ.').waitFor()
    expect(await clerk.locator('main').innerText()).to.match(/Xem và đánh dấu, đang có hiệu lực, đến hết 31\/12\/2099/)

    await head.goto(`${suite.desk}/thu`)
    await head.locator('#folders').getByText('Người khác chia sẻ').waitFor()
    await head.locator('#folders a[href*="Ng"]').first().click()
    await head.getByText('Lịch tiếp dân').first().waitFor()
    const folder = `Người khác/${people.clerk}/INBOX`
    expect((await program.letter(folder, 'Lịch tiếp dân')).text).to.contain('Kính gửi.')
    await head.getByRole('link', { name: 'Lịch tiếp dân' }).click()
    const deeds = head.getByRole('article').getByRole('button')
    await deeds.and(head.getByLabel('Đánh dấu cần làm')).first().click()
    await head.locator('.msg').getByText('Cần làm').waitFor()
    await head.getByRole('link', { name: 'Lịch tiếp dân' }).click()
    for (const name of ['Cho vào thùng rác', 'Lưu trữ (e)', 'Thư rác', 'Chuyển'])
      expect(await deeds.and(head.getByLabel(name, { exact: true })).count(), `${name} is not offered`).to.equal(0)
    // nor is it done for who asks all the same
    const asked = await head.request.post(`${suite.desk}/thu/lam`, {
      form: { viec: 'trash', uid: '1', f: folder },
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(asked.status()).to.equal(409)
  })

  it('mistakes are said beside their field, and what was typed stays', async () => {
    await clerk.goto(`${suite.desk}/thu/chia-se`)
    await clerk.getByText('Cho gửi thay', { exact: true }).first().click()
    const form = clerk.locator('form.card-form').nth(1)
    await form.getByLabel('Người hoặc nhóm').fill('khong.co@haiduong.gov.vn')
    await form.getByLabel('Từ ngày').fill('01/02/2099')
    await form.getByRole('button', { name: 'Cho gửi thay' }).click()
    await clerk.getByText('không phải là tài khoản cá nhân hay nhóm').waitFor()
    expect(await form.getByLabel('Từ ngày').inputValue()).to.equal('01/02/2099')
  })

  it('the head sends on the clerk’s behalf with both names, until that is withdrawn', async () => {
    await clerk.goto(`${suite.desk}/thu/chia-se`)
    await clerk.getByText('Cho gửi thay', { exact: true }).first().click()
    const form = clerk.locator('form.card-form').nth(1)
    await form.getByLabel('Người hoặc nhóm').fill(people.head)
    await form.getByRole('button', { name: 'Cho gửi thay' }).click()
    await clerk.getByText('Đã cho gửi thay.').waitFor()
    await write(head, { from: people.clerk, to: people.clerk, subject: 'Thư gửi thay' })
    await head.getByText('Đã gửi. Bản lưu').waitFor()
    await until('the letter', async () => {
      await clerk.goto(`${suite.desk}/thu`)
      return (await clerk.locator('.msg .sub').allInnerTexts()).some((s) => s.includes('Thư gửi thay'))
    })
    await clerk.getByText('Thư gửi thay').first().click()
    await clerk.getByText('Phạm Ngọc Lan gửi thay').waitFor()

    await head.goto(`${suite.desk}/thu/soan`)
    await head.getByLabel('Từ', { exact: true }).selectOption(people.clerk)
    await clerk.goto(`${suite.desk}/thu/chia-se`)
    await clerk.getByRole('button', { name: 'Thôi cho Phạm Ngọc Lan gửi thay' }).click()
    await clerk.getByText('Đã thôi cho gửi thay.').waitFor()
    await head.getByLabel('Đến', { exact: true }).fill(people.clerk)
    await head.getByLabel('Chủ đề').fill('Không còn quyền')
    await head.getByRole('button', { name: 'Gửi', exact: true }).click()
    await head.getByText('Không có quyền gửi thay địa chỉ này').waitFor()
  })

  it('what is withdrawn is gone from the list of folders, and the record says who did what', async () => {
    await clerk.goto(`${suite.desk}/thu/chia-se`)
    await clerk.getByRole('button', { name: 'Thu hồi Hộp thư đến với Phạm Ngọc Lan' }).click()
    await clerk.getByText('Đã thu hồi.').waitFor()
    await head.goto(`${suite.desk}/thu`)
    expect(await head.locator('#folders').innerText()).not.to.contain('Người khác chia sẻ')
    const { code, out } = await suite.command('share', 'list', people.clerk, '--history', '--json')
    expect(code).to.equal(0)
    expect(JSON.parse(out).map((r: { rights: string; by: string }) => [r.rights, r.by])).to.deep.equal([
      ['', people.clerk],
      ['lrsw', people.clerk],
    ])
  })

  it('who manages an office shares one folder of it, and the guest sees that folder alone', async () => {
    const office = 'motcua.stttt@haiduong.gov.vn'
    await clerk.goto(`${suite.desk}/thu/chia-se`)
    await clerk
      .getByRole('navigation', { name: 'Hộp thư' })
      .getByRole('link', { name: /Một cửa/ })
      .click()
    const form = clerk.locator('form.card-form').first()
    await form.getByLabel('Thư mục', { exact: true }).selectOption('Archive')
    await form.getByLabel('Người hoặc nhóm').fill(people.head)
    await form.getByLabel('Đến hết ngày').fill('31/12/2099')
    await form.getByRole('button', { name: 'Chia sẻ' }).click()
    await clerk.getByText('Đã chia sẻ.').waitFor()
    expect(await clerk.locator('main').innerText())
      .to.match(/Lưu trữ với Phạm Ngọc Lan\s+Xem, đang có hiệu lực, đến hết 31\/12\/2099.*Trần Thị Hà chia sẻ/)
      .and.match(/Người được dùng cả hộp thư[\s\S]*Trần Thị Hà\s+Đọc, xử lý việc, gửi thay, quản lý, đang/)
    await head.goto(`${suite.desk}/thu`)
    const folders = head.locator('#folders')
    await folders.getByText('Người khác chia sẻ').waitFor()
    const links = await folders
      .locator('a[href*="Chung%2Fmotcua.stttt"]')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')))
    expect(links).to.deep.equal(['/thu?f=Chung%2Fmotcua.stttt%2FArchive'])
    expect((await program.folders()).filter((name) => name.startsWith('Chung/motcua'))).to.deep.equal([
      'Chung/motcua.stttt/Archive',
    ])
    // the head manages nothing: neither the link nor the address
    const refused = await head.goto(`${suite.desk}/thu/chia-se?cua=${office}`)
    expect(refused?.status()).to.equal(403)
    // a program that waits in the folder is put out within the minute that is promised
    const waiting = await program.waitIn('Chung/motcua.stttt/Archive')
    await clerk.getByRole('button', { name: 'Thu hồi Lưu trữ với Phạm Ngọc Lan' }).click()
    await clerk.getByText('Đã thu hồi.').waitFor()
    const withdrawn = Date.now()
    await waiting.ended
    expect(Date.now() - withdrawn).to.be.below(60_000)
    await head.goto(`${suite.desk}/thu`)
    expect(await folders.innerText()).not.to.contain('Người khác chia sẻ')
    const { out } = await suite.command('share', 'list', office, '--history', '--json')
    expect(
      JSON.parse(out).map((r: { with: string; rights: string; by: string }) => [r.with, r.rights, r.by]),
    ).to.deep.equal([
      [people.head, '', people.clerk],
      [people.head, 'lr', people.clerk],
    ])
  })

  it('the administrator gives an office to a group in one step', async () => {
    const group = 'phong.bcxb@haiduong.gov.vn'
    await suite.command('group', 'add', group, people.officer, people.head, '--name', 'Phòng BC-XB')
    const { code, out } = await suite.command('grant', 'add', group, 'motcua.stttt@haiduong.gov.vn', '--rights', 'read')
    expect(out).to.contain(group)
    expect(code).to.equal(0)
    await head.goto(`${suite.desk}/thu`)
    await head.locator('#folders a[href*="motcua"]').waitFor()
  })
})
