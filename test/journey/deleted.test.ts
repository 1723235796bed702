import { expect } from 'chai'
import { ImapFlow } from 'imapflow'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { letters } from './letters.ts'
import { look } from './looking.ts'
import { password, people, signIn } from './staff.ts'

describe('journey: deleted mail', function () {
  this.timeout(240_000)
  let suite: TestSuite
  let browser: Browser
  let page: Page

  before(async () => {
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off' })
    await fill()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    page = await signIn(browser, suite.desk, people.clerk)
  })
  after(async () => {
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })

  /** Letters in a folder that is removed, and in Junk; some removed by hand, some by an administrator. */
  async function fill(): Promise<void> {
    const imap = new ImapFlow({
      host: '127.0.0.1',
      port: suite.ports.imap,
      secure: false,
      tls: { rejectUnauthorized: false },
      auth: { user: people.clerk, pass: password },
      logger: false,
    })
    await imap.connect()
    await imap.mailboxCreate('Năm 2025/Quý III')
    for (const { raw, flags } of await letters('clerk')) {
      await imap.append('INBOX', raw, flags)
      await imap.append('Năm 2025/Quý III', raw, flags)
    }
    for (let i = 1; i <= 60; i++)
      await imap.append('Archive', `From: Phòng Tổng hợp <th@vi-du.example>\r\nSubject: Giao ban ${i}\r\n\r\nx\r\n`)
    await imap.mailboxDelete('Năm 2025/Quý III')
    const lock = await imap.getMailboxLock('INBOX')
    await imap.messageDelete('1:*')
    lock.release()
    const archive = await imap.getMailboxLock('Archive')
    await imap.messageDelete('1:*')
    archive.release()
    await imap.append('Trash', 'From: Lê Văn Khoa <khoa@vi-du.example>\r\nSubject: Hop thang 12\r\n\r\nx\r\n', [
      '\\Seen',
    ])
    await imap.logout()
    expect((await suite.command('mail', 'expunge', people.clerk, 'Junk', 'ALL')).code).to.equal(0)
  }
  const go = (path: string) => page.goto(suite.desk + path)
  const press = async (name: string) => {
    await page.getByRole('button', { name, exact: true }).click()
    await page.waitForLoadState('load')
  }
  const subjects = () => page.locator('.deleted .sub').allInnerTexts()
  const status = () => page.getByRole('status').innerText()

  it('looks as it should, full, empty, asking and wrong', () =>
    look(page, suite.desk, [
      { name: 'deleted', path: '/thu/da-xoa' },
      { name: 'deleted-next', path: '/thu/da-xoa?trang=2', keys: false },
      { name: 'deleted-nothing', path: '/thu/da-xoa?q=khongcogica' },
      { name: 'deleted-wrong', path: '/thu/da-xoa?q=giao&tu=31%2F02%2F2027' },
      {
        name: 'deleted-ask',
        path: '/thu/da-xoa?q=th%40vi-du+1',
        async act(p) {
          await p.locator('.deleted input').first().check()
          await p.getByRole('button', { name: 'Xóa hẳn', exact: true }).click()
          await p.getByRole('heading', { name: /^Xóa hẳn 1 thư/ }).waitFor()
        },
      },
    ]))

  it('what is removed from the trash is found by a word without marks, and comes back into INBOX', async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    await go('/thu?f=Trash')
    await page.getByRole('link', { name: 'Khôi phục thư đã xóa' }).first().waitFor()
    await page.locator('.msg').hover()
    await press('Xóa hẳn')
    await go('/thu/da-xoa?q=van+khoa')
    expect(await subjects()).to.deep.equal(['Hop thang 12'])
    await page.locator('.deleted label').click()
    await press('Khôi phục')
    expect(await status()).to.match(/Đã khôi phục 1 thư vào Hộp thư đến/)
    await page.getByRole('link', { name: 'Mở thư mục' }).click()
    await page.getByRole('link', { name: 'Hop thang 12' }).waitFor()
  })

  it('refuses what it cannot read, and what nobody chose', async () => {
    await go('/thu/da-xoa')
    const answers = await page.evaluate(async () => {
      const send = async (fields: Record<string, string>) =>
        (await fetch('/thu/da-xoa', { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })).status
      return [
        await send({ viec: 'khoi-phuc', 'tat-ca': '1', tu: '31/02/2027' }),
        await send({ viec: 'khoi-phuc' }),
        await send({ viec: 'khac', uid: '1' }),
        await send({ viec: 'xoa-han', uid: '1', cua: 'minh.le@haiduong.gov.vn' }),
      ]
    })
    expect(answers).to.deep.equal([422, 422, 422, 403])
  })

  it('all that a search finds comes back at once, and can go for good, after a question', async () => {
    await go('/thu/da-xoa?q=th%40vi-du')
    expect(await page.getByRole('heading', { level: 2 }).first().innerText()).to.match(/^60 thư/)
    await page.getByLabel('Đưa về').selectOption({ label: 'Vào Lưu trữ' })
    await page.locator('.deleted input').first().check()
    await press('Khôi phục')
    expect(await status()).to.match(/Đã khôi phục 1 thư vào Lưu trữ/)
    await go('/thu/da-xoa?q=th%40vi-du')
    await press('Xóa hẳn tất cả')
    await page.getByRole('heading', { name: /^Xóa hẳn 59 thư/ }).waitFor()
    await page.getByRole('link', { name: 'Giữ lại' }).click()
    expect(await page.getByRole('heading', { level: 2 }).first().innerText()).to.match(/^59 thư/)
    await press('Xóa hẳn tất cả')
    await press('Xóa hẳn 59 thư')
    expect(await status()).to.match(/Đã xóa hẳn 59 thư/)
    await go('/thu/da-xoa?q=th%40vi-du')
    expect(await subjects()).to.deep.equal([])
    await go('/thu/da-xoa')
    await press('Khôi phục tất cả')
    await go('/thu?f=N%C4%83m%202025%2FQu%C3%BD%20III')
    expect(await page.locator('.msg').count()).to.be.above(0)
    await go('/thu/da-xoa')
    await page.getByRole('heading', { name: 'Không có thư nào đã xóa' }).waitFor()
  })
})
