import { expect } from 'chai'
import { type Browser, chromium, type Page } from 'playwright-core'
import { faultsOf } from '#test/axe.ts'
import { fileRef, lodging, people, portal, signed, TestLedger } from '../ledger.ts'
import { startPages } from './desk.ts'

const id = 'K7M2-Q9PX-4'

describe('desk pages in a browser', function () {
  this.timeout(90_000)
  let browser: Browser
  let ledger: TestLedger
  let desk: Awaited<ReturnType<typeof startPages>>
  before(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
  })
  after(() => browser.close())
  beforeEach(async () => {
    ledger = await TestLedger.open()
    desk = await startPages(ledger)
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((c) => c.close()))
    await desk[Symbol.asyncDispose]()
    ledger[Symbol.dispose]()
  })

  async function as(person: string, { js = true, width = 1440 } = {}): Promise<Page> {
    const context = await browser.newContext({ javaScriptEnabled: js, viewport: { width, height: 900 } })
    await context.addCookies([{ name: 'congso', value: desk.cookieOf(person), url: desk.origin }])
    const page = await context.newPage()
    page.on('pageerror', (e) => expect.fail(`script error: ${e.message}`))
    return page
  }
  const lodge = (one: string) =>
    ledger.act({
      kind: 'dossier.lodge',
      case: one,
      saw: 0,
      signer: portal,
      data: lodging(),
      files: [fileRef('to-khai.pdf')],
    })
  const draft = {
    name: 'Giấy phép – bản thảo.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('%PDF-1.7\nbản thảo'),
  }
  const press = async (page: Page, name: string) => {
    await page.locator('main form[enctype]').getByRole('button', { name, exact: true }).click()
    await page.getByText('Đã xong.').waitFor()
  }

  for (const js of [true, false])
    it(`take a case from the worklist to the result, ${js ? 'with' : 'without'} scripts`, async () => {
      await lodge(id)
      const clerk = await as(people.clerk, { js })
      await clerk.goto(`${desk.origin}/ho-so`)
      expect(await clerk.locator('tr[data-row]').innerText()).to.include('Mới đăng ký')
      await clerk.locator('a[data-open]').first().click()
      await clerk.getByRole('heading', { name: 'Tiếp nhận hồ sơ' }).waitFor()
      await press(clerk, 'Tiếp nhận')
      expect(await clerk.locator('#case-said').innerText()).to.include('số đến 1')
      await clerk.getByLabel('Phòng xử lý').selectOption({ label: 'Phòng Báo chí - Xuất bản' })
      await clerk.getByLabel('Thời hạn').fill('4/12/2026')
      await clerk.getByLabel('Ý kiến, chỉ đạo').fill('Thẩm định "tờ khai" & mẫu <tên gọi>.')
      await press(clerk, 'Chuyển xử lý')

      const head = await as(people.head, { js })
      await head.goto(`${desk.origin}/ho-so/${id}`)
      expect(await head.locator('.quoted').innerText()).to.equal('Thẩm định "tờ khai" & mẫu <tên gọi>.')
      await head.getByLabel('Chuyên viên').selectOption('an.nguyen@haiduong.gov.vn')
      await press(head, 'Phân công')

      const officer = await as(people.officer, { js })
      await officer.goto(`${desk.origin}/ho-so/${id}`)
      await officer.getByLabel('Ý kiến đề xuất').fill('Đủ điều kiện.')
      await officer.getByLabel('Dự thảo kết quả').setInputFiles(draft)
      await press(officer, 'Trình lãnh đạo')

      const leader = await as(people.leader, { js })
      await leader.goto(`${desk.origin}/ho-so/${id}`)
      await leader.getByRole('link', { name: 'Trả lại' }).first().click()
      await leader.getByLabel('Lý do trả lại').fill('Sửa tên gọi.')
      await press(leader, 'Trả lại')
      await officer.goto(`${desk.origin}/ho-so/${id}`)
      await officer.getByLabel('Ý kiến đề xuất').fill('Đã sửa.')
      await officer.getByLabel('Dự thảo kết quả').setInputFiles(draft)
      await press(officer, 'Trình lãnh đạo')
      await leader.goto(`${desk.origin}/ho-so/${id}`)
      await press(leader, 'Duyệt')
      await clerk.goto(`${desk.origin}/ho-so/${id}`)
      await press(clerk, 'Trả kết quả')
      await clerk.goto(`${desk.origin}/van-ban/di?q=thanh dong`)
      expect(await clerk.locator('tr[data-row]').innerText()).to.include('01/GP-STTTT')

      expect(desk.sent).to.have.length(8)
      for (const { to } of desk.sent) expect(to).to.deep.equal(['so.stttt@haiduong.gov.vn'])
      expect(desk.sent[0]!.raw)
        .to.match(/^From: [^<]*<motcua\.stttt@haiduong\.gov\.vn>/m)
        .and.match(/^Sender: [^<]*<ha\.tran@/m)
      expect(desk.sent[3]!.raw)
        .to.match(/^From: [^<]*<an\.nguyen@/m)
        .and.not.match(/^Sender:/m)
    })

  it('say what is wrong beside its field, keep what was typed, and send nothing', async () => {
    await lodge(id)
    await ledger.act({ kind: 'dossier.receive', case: id, signer: signed(people.clerk) })
    const page = await as(people.clerk)
    await page.goto(`${desk.origin}/ho-so/${id}`)
    await page.getByLabel('Phòng xử lý').selectOption({ index: 1 })
    await page.getByLabel('Thời hạn').fill('31/12/2026')
    await page.getByLabel('Ý kiến, chỉ đạo').fill('Giữ lại chữ này')
    await page.locator('main form[enctype]').getByRole('button', { name: 'Chuyển xử lý' }).click()
    await page.getByText('Có 1 chỗ cần sửa').waitFor()
    expect(await page.locator('.why').innerText()).to.include('ngày hẹn trả')
    expect(await page.getByLabel('Ý kiến, chỉ đạo').inputValue()).to.equal('Giữ lại chữ này')
    expect(await page.getByLabel('Thời hạn').getAttribute('aria-invalid')).to.equal('true')
    expect(await page.evaluate(() => document.activeElement?.textContent)).to.include('Có 1 chỗ cần sửa')
    expect(desk.sent).to.have.length(0)
  })

  it('show a change that somebody else makes, but never over what is being typed', async () => {
    await lodge(id)
    await ledger.act({ kind: 'dossier.receive', case: id, signer: signed(people.clerk) })
    const list = await as(people.clerk)
    await list.goto(`${desk.origin}/ho-so`)
    await list.locator('html[data-connected]').waitFor()
    const typing = await as('huong.do@haiduong.gov.vn')
    await typing.goto(`${desk.origin}/ho-so/${id}`)
    await typing.locator('html[data-connected]').waitFor()
    await typing.getByLabel('Ý kiến, chỉ đạo').fill('đang viết')
    await lodge('AAAA-AAAA-A')
    await list.locator('tr[data-row]').nth(1).waitFor()
    expect(await list.locator('[data-app=dossiers] .n').innerText()).to.equal('2')
    await ledger.act({
      kind: 'dossier.forward',
      case: id,
      signer: signed(people.clerk),
      data: { to: 'phongbcxb.stttt@haiduong.gov.vn', due: '2026-12-04' },
    })
    await typing.getByRole('button', { name: 'Hồ sơ vừa có thay đổi' }).waitFor()
    expect(await typing.getByLabel('Ý kiến, chỉ đạo').inputValue()).to.equal('đang viết')
    await typing.getByRole('button', { name: 'Hồ sơ vừa có thay đổi' }).click()
    await typing.getByRole('heading', { name: 'Đang ở Phòng Báo chí - Xuất bản' }).waitFor()
  })

  it('go through a list by keyboard alone', async () => {
    for (const one of ['AAAA-AAAA-A', 'BBBB-BBBB-B', 'CCCC-CCCC-C']) await lodge(one)
    const page = await as(people.clerk)
    await page.goto(`${desk.origin}/ho-so`)
    const at = () => page.evaluate(() => document.activeElement?.getAttribute('href'))
    await page.keyboard.press('j')
    expect(await at()).to.equal('/ho-so/AAAA-AAAA-A')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await at()).to.equal('/ho-so/CCCC-CCCC-C')
    await page.keyboard.press('k')
    await page.keyboard.press('/')
    await page.keyboard.type('bbbb')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=bbbb/)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/ho-so\/BBBB-BBBB-B/)
  })

  it('have no fault that axe-core finds, in both themes and on a phone', async () => {
    await lodge('AAAA-AAAA-A')
    await ledger.story(id, 'propose')
    const paths = [
      '/ho-so',
      '/ho-so?xem=all',
      '/ho-so?q=khongco',
      `/ho-so/${id}`,
      '/van-ban/den',
      '/van-ban/di',
      '/toi',
      '/khong-co',
    ]
    const all: string[] = []
    for (const [scheme, width] of [
      ['light', 1440],
      ['dark', 1440],
      ['light', 360],
    ] as const) {
      const page = await as(people.leader, { width })
      await page.emulateMedia({ colorScheme: scheme })
      for (const path of paths) {
        await page.goto(desk.origin + path)
        const faults = await faultsOf(page)
        all.push(...faults.map((f) => `${path} ${scheme} ${width}: ${f}`))
      }
    }
    expect(all).to.deep.equal([])
  })
})
