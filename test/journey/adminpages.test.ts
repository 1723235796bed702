import { expect } from 'chai'
import { ImapFlow } from 'imapflow'
import { type Browser, chromium, type Page } from 'playwright-core'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { look } from './looking.ts'
import { password, people, signIn } from './staff.ts'

const administrator = 'tam.mac@haiduong.gov.vn'

describe('journey: the pages of administration', function () {
  this.timeout(240_000)
  let suite: TestSuite
  let browser: Browser
  let admin: Page
  let owner: Page
  let program: ImapFlow

  before(async () => {
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off' })
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    admin = await signIn(browser, suite.desk, administrator)
    owner = await signIn(browser, suite.desk, people.clerk)
    program = new ImapFlow({
      host: '127.0.0.1',
      port: suite.ports.imap,
      secure: false,
      tls: { rejectUnauthorized: false }, // the suite's own certificate
      auth: { user: people.clerk, pass: password },
      clientInfo: { name: 'Thunderbird', version: '140.1' },
      logger: false,
    })
    await program.connect()
    await program.mailboxCreate('Dự án đầu tư xây dựng các công trình giao thông 2026')
    for (const [folder, octets] of [
      ['INBOX', 300_000],
      ['Dự án đầu tư xây dựng các công trình giao thông 2026', 500_000],
      ['Junk', 40_000],
      ['Trash', 10_000],
    ] as const)
      await program.append(folder, `Subject: thu\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(octets / 72)}`)
    for (const command of [
      ['account', 'set', people.clerk, '--quota', '1MB', '--most-messages', '200000'],
      ['mail', 'search', people.clerk, 'SUBJECT', 'công văn hỏa tốc về phòng chống lụt bão năm 2026'],
      ['mail', 'expunge', people.clerk, 'Junk', 'LARGER 1000000'],
    ])
      expect((await suite.command(...command)).code, command.join(' ')).to.equal(0)
  })
  after(async () => {
    program?.close()
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })

  it('an owner sees what takes the room, and when Junk and Trash forget', async () => {
    await look(owner, suite.desk, [
      { name: 'usage', path: '/thu/dung-luong' },
      { name: 'list-junk', path: '/thu?f=Junk' },
    ])
    expect(await owner.locator('main, body').first().innerText()).to.contain('Thư ở đây được xoá sau 30 ngày.')
    await owner.goto(`${suite.desk}/thu/dung-luong`)
    expect(await owner.getByRole('link', { name: /^Thư rác/ }).innerText()).to.match(/1 thư, được xoá sau 30 ngày/)
  })

  it('mailboxes, folders, sessions and the record', async () => {
    const drawer = `/quan-tri/hop-thu/${encodeURIComponent(people.clerk)}`
    await look(admin, suite.desk, [
      { name: 'admin-mailboxes', path: '/quan-tri/hop-thu' },
      { name: 'admin-drawer', path: drawer, act: (p) => p.getByText('Theo thư mục').click() },
      { name: 'admin-sessions', path: '/quan-tri/phien' },
      { name: 'admin-sessions-none', path: '/quan-tri/phien?q=khongcoai' },
      { name: 'admin-record', path: '/quan-tri/nhat-ky' },
      { name: 'admin-queue', path: '/quan-tri/hang-doi' },
    ])
    await admin.setViewportSize({ width: 360, height: 740 })
    await admin.goto(suite.desk + drawer)
    await admin.getByText('Theo thư mục').click()
    const words = await admin.locator('.drawer').innerText()
    expect(words)
      .to.contain('Thư rác')
      .and.not.match(/INBOX|Junk|Trash/)
    const bar = await admin.locator('.rail').boundingBox()
    const over = await admin.locator('.drawer').boundingBox()
    expect(over!.y + over!.height, 'the drawer ends above the bar of apps').to.be.at.most(bar!.y + 1)
    await admin.goto(`${suite.desk}/quan-tri/nhat-ky`)
    expect(await admin.locator('tbody [lang=en]').allInnerTexts()).to.deep.equal([])
    expect(await admin.locator('tbody').innerText()).to.contain('tìm bằng “LARGER 1000000”')
    await admin.goto(`${suite.desk}/quan-tri/phien?q=${encodeURIComponent('chrome')}`)
    expect(await admin.locator('tbody').innerText()).to.match(/Chrome \d+ trên Linux/)
  })

  it('the tab that is open is seen on a phone, however many there are before it', async () => {
    await owner.setViewportSize({ width: 360, height: 740 })
    await owner.goto(`${suite.desk}/thu/bo-loc?cua=motcua.stttt@haiduong.gov.vn`)
    const tab = await owner.locator('.tabs [aria-current]').boundingBox()
    expect(tab!.x + Math.min(tab!.width, 200)).to.be.at.most(360)
    expect(tab!.x + tab!.width).to.be.above(100)
  })

  it('ends a session by a click, and the record says who did', async () => {
    await admin.setViewportSize({ width: 1440, height: 900 })
    await admin.goto(`${suite.desk}/quan-tri/phien?q=thunderbird`)
    const ended = new Promise((resolve) => program.once('close', () => resolve(true)))
    await admin.getByRole('button', { name: `Kết thúc phiên IMAP của ${people.clerk} từ 127.0.0.1` }).click()
    await admin.getByText('Đã kết thúc 1 phiên').waitFor()
    expect(await ended).to.equal(true)
    await admin.goto(`${suite.desk}/quan-tri/nhat-ky?q=${encodeURIComponent(people.clerk)}`)
    expect(await admin.locator('tbody tr').first().innerText()).to.contain(administrator)
  })

  it('sets how long Junk and Trash keep', async () => {
    await admin.goto(`${suite.desk}/quan-tri/hop-thu/${encodeURIComponent(people.clerk)}`)
    await admin.getByLabel('Thư rác').fill('mười')
    await admin.getByRole('button', { name: 'Lưu số ngày' }).click()
    await admin.getByText('Số ngày là số nguyên').waitFor()
    await admin.getByLabel('Thư rác').fill('7')
    await admin.getByLabel('Thùng rác').fill('0')
    await admin.getByRole('button', { name: 'Lưu số ngày' }).click()
    await admin.getByText('Đã lưu số ngày giữ').waitFor()
    await owner.goto(`${suite.desk}/thu?f=Junk`)
    expect(await owner.locator('body').innerText()).to.contain('Thư ở đây được xoá sau 7 ngày.')
    await owner.goto(`${suite.desk}/thu?f=Trash`)
    expect(await owner.locator('body').innerText()).not.to.contain('được xoá sau')
  })
})
