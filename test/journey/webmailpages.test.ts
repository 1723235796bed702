import { expect } from 'chai'
import { ImapFlow } from 'imapflow'
import { type Browser, chromium, type Page } from 'playwright-core'
import { phone } from '#test/phone.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { lodge } from './applicant.ts'
import { letters } from './letters.ts'
import { look, type Shown } from './looking.ts'
import { MailProgram } from './mailprogram.ts'
import { password, people, signIn } from './staff.ts'

const officeLabel = 'motcua.stttt'
const office = `${officeLabel}@haiduong.gov.vn`

describe('journey: the pages of the webmail', function () {
  this.timeout(240_000)
  let suite: TestSuite
  let browser: Browser
  let page: Page
  const uid = new Map<string, number>()

  before(async () => {
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off' })
    await fill()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    await lodgeOne()
    page = await signIn(browser, suite.desk, people.clerk)
    await addRules()
  })
  after(async () => {
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })

  const letter = (name: string, folder = 'INBOX') =>
    `/thu/${uid.get(`${folder}/${name}`)}${folder === 'INBOX' ? '' : `?f=${encodeURIComponent(folder)}`}`
  const press =
    (name: string, nth = 0) =>
    async (p: Page) => {
      await p.locator('main, body').first().getByRole('button', { name, exact: true }).nth(nth).click()
      await p.waitForLoadState('networkidle')
    }

  const mailPages = (): Shown[] => [
    { name: 'list', path: '/thu' },
    { name: 'list-unread', path: '/thu?xem=unread' },
    { name: 'list-official-empty', path: '/thu?xem=official' },
    { name: 'list-empty', path: '/thu?f=Trash' },
    { name: 'list-long', path: '/thu?f=Archive', keys: false }, // as the others, only longer
    { name: 'list-drafts', path: '/thu?f=Drafts' },
    { name: 'list-shared', path: `/thu?f=${encodeURIComponent(`Người khác/${people.head}/Lịch công tác`)}` },
    { name: 'letter-plain', path: letter('long') },
    { name: 'letter-html', path: letter('html') },
    { name: 'letter-files', path: letter('files') },
    { name: 'letter-act', path: letter('act', `Chung/${officeLabel}/INBOX`) },
    { name: 'letter-junk', path: letter('junk', 'Junk') },
    { name: 'letter-shared', path: letter('week', `Người khác/${people.head}/Lịch công tác`) },
    { name: 'letter-menu', path: letter('files'), act: (p) => p.getByLabel('Việc khác').click(), keys: false },
    { name: 'letter-gone', path: '/thu/99999', status: 404 },
    { name: 'folder-gone', path: '/thu?f=Khong%20co', status: 404 },
    { name: 'write', path: '/thu/soan' },
    { name: 'write-answer', path: `/thu/soan?tra-loi=${uid.get('INBOX/long')}&tat-ca=1` },
    { name: 'write-forward', path: `/thu/soan?chuyen=${uid.get('INBOX/files')}` },
    {
      name: 'write-wrong',
      path: '/thu/soan',
      act: async (p) => {
        await p.getByLabel('Đến', { exact: true }).fill('không phải địa chỉ')
        await press('Gửi')(p)
      },
    },
    { name: 'search', path: '/thu/tim' },
    { name: 'search-found', path: '/thu/tim?q=c%E1%BA%A5p%20gi%E1%BA%A5y%20ph%C3%A9p&f=INBOX' },
    { name: 'search-nothing', path: '/thu/tim?q=khongcogica' },
    { name: 'share', path: '/thu/chia-se' },
    { name: 'share-office', path: `/thu/chia-se?cua=${office}` },
    {
      name: 'share-wrong',
      path: '/thu/chia-se',
      act: async (p) => {
        const form = p.locator('form.card-form').first()
        if (!(await form.isVisible())) await p.locator('summary').first().click()
        await form.getByLabel('Người hoặc nhóm').fill('khong.co@haiduong.gov.vn')
        await form.getByLabel('Từ ngày').fill('31/02/2027')
        await press('Chia sẻ')(p)
      },
    },
    { name: 'usage', path: '/thu/dung-luong' },
    { name: 'filters', path: '/thu/bo-loc' },
    { name: 'filters-edit', path: '/thu/bo-loc?sua=0' },
    {
      name: 'filters-wrong',
      path: '/thu/bo-loc?sua=0',
      act: async (p) => {
        await p.getByLabel('Chữ hoặc số của điều kiện 1').fill('')
        await press('Lưu quy tắc')(p)
      },
    },
    { name: 'filters-office', path: `/thu/bo-loc?cua=${office}` },
    { name: 'away', path: '/thu/vang-mat' },
    { name: 'away-office', path: `/thu/vang-mat?cua=${office}` },
    {
      name: 'away-wrong',
      path: '/thu/vang-mat',
      act: async (p) => {
        await p.getByLabel('Tự động trả lời thư đến').check()
        await p.getByLabel('Từ ngày').fill('99/99/2026')
        await p.getByLabel('Lời nhắn').fill('')
        await press('Lưu')(p)
      },
    },
  ]
  const ownPages = (): Shown[] => [
    { name: 'me', path: '/toi' },
    { name: 'programs', path: '/toi/chuong-trinh-thu' },
    { name: 'app-passwords', path: '/toi/mat-khau-ung-dung' },
    {
      name: 'app-passwords-made',
      path: '/toi/mat-khau-ung-dung',
      act: async (p) => {
        await p.getByLabel('Thiết bị hoặc chương trình').fill('Điện thoại cá nhân của chị Nguyễn Thị Phương Thảo')
        await p.getByLabel('Nhận thư (IMAP)').check()
        await p.getByLabel('Mật khẩu đăng nhập của bạn').fill(password)
        await press('Tạo mật khẩu')(p)
      },
    },
    {
      name: 'app-passwords-wrong',
      path: '/toi/mat-khau-ung-dung',
      act: async (p) => {
        await p.getByLabel('Thiết bị hoặc chương trình').fill('Máy quét')
        await p.getByLabel('Dùng đến hết ngày').fill('32/13/2026')
        await p.getByLabel('Mật khẩu đăng nhập của bạn').fill('sai')
        await press('Tạo mật khẩu')(p)
      },
    },
    { name: 'second-factor', path: '/toi/xac-thuc-hai-lop' },
    {
      name: 'second-factor-wrong',
      path: '/toi/xac-thuc-hai-lop',
      act: async (p) => {
        await p.getByLabel('Mã đang hiện trên điện thoại').fill('000000')
        await p.getByLabel('Mật khẩu đăng nhập của bạn').fill(password)
        await press('Bật')(p)
      },
    },
  ]
  const signInPages: Shown[] = [
    { name: 'sign-in', path: '/dang-nhap' },
    { name: 'sign-in-ended', path: '/dang-nhap?het&ve=%2Fthu' },
    {
      name: 'sign-in-wrong',
      path: '/dang-nhap',
      act: async (p) => {
        await p.getByLabel('Địa chỉ thư công vụ').fill('khong.co')
        await p.getByLabel('Mật khẩu', { exact: true }).fill('sai')
        await press('Đăng nhập')(p)
      },
    },
  ]

  it('lists, letters, writing, searching, sharing, filters and absence', () => look(page, suite.desk, mailPages()))
  it('menus open and close by keyboard, and when the focus goes elsewhere', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.goto(suite.desk + letter('files'))
    const menu = page.locator('details.more')
    await menu.locator('summary').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await menu.evaluate((e) => e.contains(document.activeElement) && document.activeElement?.tagName)).to.equal(
      'BUTTON',
    )
    await page.keyboard.press('Escape')
    expect(await menu.getAttribute('open')).to.equal(null)
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).to.equal('Việc khác')
    await page.keyboard.press('Enter')
    expect(await menu.getAttribute('open')).to.equal('')
    await page.keyboard.press('Shift+Tab')
    expect(await menu.getAttribute('open')).to.equal(null)
  })
  it('the person, their app passwords and second factor', () => look(page, suite.desk, ownPages()))
  it('the card of an official act offers what the reader may do, by keyboard too', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.goto(suite.desk + letter('act', `Chung/${officeLabel}/INBOX`))
    const card = page.getByRole('region', { name: 'Việc công' })
    await card.getByText('Chữ ký haiduong.gov.vn đúng').waitFor()
    const offered = await card.locator('footer a').allInnerTexts()
    expect(offered.map((text) => text.trim())).to.include.members(['Tiếp nhận', 'Mở hồ sơ'])
    await card.getByRole('link', { name: 'Tiếp nhận', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/ho-so\/.*viec=/)
    await page.locator('main form[enctype]').getByRole('button', { name: 'Tiếp nhận', exact: true }).waitFor()
  })
  it('the second step of signing in', async () => {
    const code = await secondFactorOf(people.officer)
    const context = await browser.newContext()
    const at = await context.newPage()
    const begin = async (p: Page) => {
      await p.getByLabel('Địa chỉ thư công vụ').fill(people.officer)
      await p.getByLabel('Mật khẩu', { exact: true }).fill(password)
      await press('Đăng nhập')(p)
      await p.getByLabel('Mã xác thực').waitFor()
    }
    await look(at, suite.desk, [
      { name: 'second-step', path: '/dang-nhap', act: begin },
      {
        name: 'second-step-wrong',
        path: '/dang-nhap',
        async act(p) {
          await begin(p)
          await p.getByLabel('Mã xác thực').fill('000000')
          await p.keyboard.press('Enter')
          await p.getByRole('alert').filter({ hasText: /Mã/ }).waitFor()
        },
      },
    ])
    await at.goto(`${suite.desk}/dang-nhap?ve=%2Fthu`)
    await begin(at)
    expect(await at.evaluate(() => document.activeElement?.getAttribute('name'))).to.equal('code')
    await at.keyboard.type(code())
    await at.keyboard.press('Enter')
    await at.waitForURL(/\/thu$/)
    await context.close()
  })
  it('signing in', async () => {
    const context = await browser.newContext()
    await look(await context.newPage(), suite.desk, signInPages)
    await context.close()
  })

  async function addRules(): Promise<void> {
    for (const [name, words] of [
      ['Báo cáo tuần', 'báo cáo'],
      ['Thư của Ban Quản lý dự án đầu tư xây dựng các công trình giao thông tỉnh', 'ban.quan.ly@vi-du.example'],
    ] as const) {
      await page.goto(`${suite.desk}/thu/bo-loc`)
      if (!(await page.getByLabel('Tên quy tắc').isVisible())) await page.getByText('Thêm quy tắc').click()
      await page.getByLabel('Chữ hoặc số của điều kiện 1').fill(words)
      await page.getByLabel('Chuyển vào').selectOption({ label: 'Lưu trữ' })
      await page.getByLabel('Tên quy tắc').fill(name)
      await page.getByRole('button', { name: 'Lưu quy tắc' }).click()
      await page.getByRole('link', { name: `Sửa ${name}` }).waitFor()
    }
  }

  /** Turns it on as the telephone does, and gives what its app shows now. */
  async function secondFactorOf(address: string): Promise<() => string> {
    const desk = suite.directory('desk')
    const { uri } = await desk['secondFactor.begin']({ address })
    const shows = phone(uri)
    // the code of half a minute ago: this one is for signing in
    const code = shows(Date.now() - 30_000)
    await desk['secondFactor.confirm']({ address, code, proof: { password, ip: '127.0.0.1' } })
    return () => shows(Date.now())
  }

  /** A business lodges, and the clerk's office gets the notice that asks for its act. */
  async function lodgeOne(): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const { reference } = await lodge(await context.newPage(), suite.portal)
    await context.close()
    const folder = `Chung/${officeLabel}/INBOX`
    await using program = await MailProgram.open(people.clerk, suite.ports)
    uid.set(`${folder}/act`, (await program.letter(folder, reference)).uid)
  }

  /** Letters as they come: long names and titles, HTML from a program, files; a folder of a colleague; rules. */
  async function fill(): Promise<void> {
    const filled = { [people.clerk]: 'INBOX', [people.head]: 'Lịch công tác' }
    for (const [user, folder] of Object.entries(filled)) {
      const imap = new ImapFlow({
        host: '127.0.0.1',
        port: suite.ports.imap,
        secure: false,
        tls: { rejectUnauthorized: false }, // the suite's own certificate
        auth: { user, pass: password },
        logger: false,
      })
      await imap.connect()
      if (folder !== 'INBOX') await imap.mailboxCreate(folder)
      for (const { name, raw, flags, into } of await letters(user === people.clerk ? 'clerk' : 'head')) {
        const added = await imap.append(into ?? folder, raw, flags)
        const place = user === people.clerk ? (into ?? folder) : `Người khác/${people.head}/${folder}`
        uid.set(`${place}/${name}`, (added as { uid: number }).uid)
      }
      await imap.logout()
    }
    const share = ['share', 'set', people.head, 'Lịch công tác', people.clerk, '--rights', 'lr']
    expect((await suite.command(...share)).code).to.equal(0)
    const some = ['share', 'set', office, 'Archive', people.head, '--rights', 'lrs', '--to', '2099-12-31']
    expect((await suite.command(...some)).code).to.equal(0)
    const own = ['share', 'set', people.clerk, 'INBOX', people.head, '--rights', 'lrs']
    expect((await suite.command(...own)).code).to.equal(0)
  }
})
