import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Browser, chromium, type Page } from 'playwright-core'
import { fixture, papers, rightAnswers, type TestPortal, testPortal } from './support/portal.ts'

const axe = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** No mistake that axe-core finds, and nothing wider than the window, at 360 and 1440. */
async function sound(page: Page, what: string): Promise<void> {
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 900 })
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(over, `${what} at ${width} is wider than the window by`).to.be.at.most(0)
  }
  await page.evaluate(axe)
  const found = await page.evaluate(async () => {
    const { run } = (
      globalThis as unknown as {
        axe: { run: (o: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
      }
    ).axe
    return (await run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations.map(
      (v) => `${v.id}: ${v.nodes[0]?.html}`,
    )
  })
  expect(found, what).to.deep.equal([])
}

describe('portal: pages in a browser', function () {
  this.timeout(120_000)
  let browser: Browser
  let portal: TestPortal
  before(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    portal = await testPortal()
  })
  after(async () => {
    await browser.close()
    await portal[Symbol.asyncDispose]()
  })

  it('are readable by everybody at 360 and 1440, from the home page to the case', async () => {
    const context = await browser.newContext({ bypassCSP: true }) // axe is not of our origin
    const page = await context.newPage()
    for (const path of [
      '/',
      '/?q=giay%20phep',
      '/?q=zzz',
      '/huong-dan',
      '/thu-tuc/1.009374',
      '/thu-tuc/HD.TOCAO',
      '/tra-cuu',
      '/khong-co',
    ]) {
      await page.goto(portal.url + path)
      await sound(page, path)
    }
    await page.goto(`${portal.url}/thu-tuc/1.009374`)
    await page.click('main form button')
    await page.click('text=/Lưu và sang/')
    await sound(page, 'step 1 with mistakes')
    expect(await page.evaluate(() => document.activeElement?.hasAttribute('data-focus'))).to.equal(true)
    for (const answers of Object.values(rightAnswers)) {
      for (const [name, value] of Object.entries(answers)) {
        const field = page.locator(`[name=${name}]`)
        if (!(await field.isVisible())) continue
        if ((await field.evaluate((e) => e.tagName)) === 'SELECT') await field.selectOption(value)
        else await field.fill(value)
      }
      await page.click('text=/Lưu và sang/')
    }
    for (const [id, name] of Object.entries(papers)) {
      await page.setInputFiles(`#i-tep-${id}`, fixture(name))
      await page.waitForSelector(`text=${name}`)
    }
    await page.setInputFiles('#i-tep-toKhai', { name: 'x.pdf', mimeType: 'application/pdf', buffer: Buffer.from('MZ') })
    await page.waitForSelector('.why')
    await sound(page, 'papers, one refused')
    await page.click('text=/Lưu và sang/')
    await sound(page, 'review')
    await page.check('[name=camKet]')
    await page.click('button:has-text("Nộp hồ sơ")')
    await page.waitForSelector('[data-reference]')
    await sound(page, 'done')
    const secret = await page.textContent('[data-secret]')
    await page.click('main a.btn-primary')
    await page.fill('[name=bimat]', secret ?? '')
    await page.click('main button:has-text("Tra cứu")')
    await page.waitForSelector('text=Diễn biến')
    await sound(page, 'case')
    await context.close()
  })

  it('keep what is typed by themselves, under the real content security policy, without a console error', async () => {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('console', (m) => m.type() === 'error' && errors.push(m.text()))
    page.on('pageerror', (e) => errors.push(e.message))
    await page.goto(`${portal.url}/thu-tuc/1.009374`)
    await page.click('main form button')
    await page.fill('[name=tenCoQuan]', 'Hội Nhà báo tỉnh')
    await page.waitForFunction(() =>
      /^Đã lưu lúc \d\d:\d\d$/.test(document.querySelector('[data-saved]')?.textContent ?? ''),
    )
    await page.reload()
    expect(await page.inputValue('[name=tenCoQuan]')).to.equal('Hội Nhà báo tỉnh')
    expect(errors).to.deep.equal([])
    await page.close()
  })

  it('take several files at once and go on only when all have arrived', async () => {
    const page = await browser.newPage()
    await page.goto(`${portal.url}/thu-tuc/1.009374`)
    await page.click('main form button')
    await page.goto(page.url().replace('co-quan', 'giay-to'))
    await page.click('text=/Lưu và sang/')
    await page.waitForSelector('[data-summary] >> text=Còn 3 mục cần sửa')
    for (const [id, name] of Object.entries(papers)) await page.setInputFiles(`#i-tep-${id}`, fixture(name))
    await page.waitForSelector('[data-summary]', { state: 'detached' })
    await page.setInputFiles('#i-tep-toKhai', fixture(papers['toKhai'] ?? ''))
    await page.click('text=/Lưu và sang/')
    await page.waitForURL(/xem-lai/)
    for (const name of Object.values(papers)) expect(await page.locator(`text=${name}`).count(), name).to.equal(1)
    await page.goto(page.url().replace('xem-lai', 'giay-to'))
    await page.click('[aria-label="Bỏ tệp so-yeu-ly-lich.docx"]')
    await page.waitForFunction(() => !document.body.textContent?.includes('so-yeu-ly-lich.docx'))
    await page.setInputFiles('#i-tep-toKhai', {
      name: 'x.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.alloc(15_000_001, 'x'),
    })
    await page.waitForSelector('text=lớn hơn 15 MB')
    await page.close()
  })

  it('work by keyboard alone', async () => {
    const page = await browser.newPage()
    await page.goto(portal.url)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).to.equal('#main')
    await page.focus('#q')
    await page.keyboard.type('ban tin')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=/)
    const link = page.locator('article h2 a').first()
    await link.focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/thu-tuc/)
    await page.focus('main form button')
    await page.keyboard.press('Enter')
    await page.waitForURL(/soan/)
    await page.focus('[name=tenCoQuan]')
    await page.keyboard.type('Hội')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.why')
    await page.close()
  })
})
