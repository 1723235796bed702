/** An official looks for something that was said in a file, in the browser: operators, a phone, the keyboard, nothing found. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Browser, chromium, type Page } from 'playwright-core'
import { compose } from '#kit/mail/compose.ts'
import { sendPlain } from '#kit/mail/sendplain.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { people, signIn } from './staff.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/search', name))
/** a folder that gets pictures of the pages, for whoever wants to look */
const shots = process.env['SHOTS']

describe('journey: search', function () {
  this.timeout(90_000)
  let suite: TestSuite
  let browser: Browser
  let page: Page
  before(async () => {
    suite = await startTestSuite()
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
    const letters: [subject: string, text: string, file?: string][] = [
      ['Báo cáo quý III', 'Kính gửi anh chị, xin gửi báo cáo hoạt động của phòng.'],
      ['Hồ sơ cũ của thửa đất', 'Tệp soạn năm 1999, gửi kèm để đối chiếu.', 'tcvn3.doc'],
      ['Đơn đề nghị', 'Xem tệp kèm theo.', 'unicode.pdf'],
      ['Bang ke', 'de nghi cap giay phep xay dung nha xuong (thu go khong dau)'],
    ]
    for (const [i, [subject, text, file]] of letters.entries()) {
      const raw = await compose({
        from: { address: 'ban.doc@vi-du.example', name: 'Bạn đọc' },
        to: [{ address: people.clerk }],
        subject,
        text,
        messageId: `tim${i}@vi-du.example`,
        date: new Date(),
        ...(file ? { files: [{ name: file, type: 'application/octet-stream', content: fixture(file) }] } : {}),
      })
      await sendPlain({
        host: '127.0.0.1',
        port: suite.ports.smtp,
        from: 'ban.doc@vi-du.example',
        to: [people.clerk],
        raw,
      })
    }
    page = await signIn(browser, suite.desk, people.clerk)
  })
  after(async () => {
    await browser?.close()
    await suite?.[Symbol.asyncDispose]()
  })
  /** without what only screen readers say */
  const subjectsShown = async () =>
    (await page.locator('.msg .sub').allInnerTexts()).map((s) => s.replace(/^Chưa đọc\.\s*/, ''))
  const search = async (q: string) => {
    await page.goto(`${suite.desk}/thu/tim?${new URLSearchParams({ q })}`)
    return subjectsShown()
  }
  const picture = async (name: string) => {
    if (shots) await page.screenshot({ path: join(shots, `${name}.png`) })
  }

  it('finds what files say within seconds of the delivery, and shows which file', async () => {
    await until('both files to be found', async () => (await search('nhà xưởng')).length === 3)
    await picture('search-1440')
    const subjects = await subjectsShown()
    expect(subjects.at(-1), 'written without marks: after those as typed').to.equal('Bang ke')
    const snippets = await page.locator('.msg .snip').allInnerTexts()
    expect(snippets.join('\n')).to.include('trong tệp “tcvn3.doc”').and.include('trong tệp “unicode.pdf”')
    expect(await page.locator('.msg .snip mark').allInnerTexts()).to.include('nhà xưởng')
  })

  it('understands operators, and says what it does not understand', async () => {
    expect(await search('có tệp:pdf')).to.deep.equal(['Đơn đề nghị'])
    expect(await search('tieu de:"báo cáo" từ: bạn')).to.deep.equal(['Báo cáo quý III'])
    expect(await search('báo cáo trước:2020')).to.deep.equal([])
    expect(await search('báo cáo trong: "thư đến"')).to.deep.equal(['Báo cáo quý III'])
    await search('báo cáo sau:31/2/2026')
    await page.getByText('Chưa hiểu ngày “31/2/2026”').waitFor()
  })

  it('goes from the list by the keyboard to a result and back', async () => {
    await page.goto(`${suite.desk}/thu`)
    await page.keyboard.press('/')
    await page.keyboard.type('thua dat doi chieu')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/thu\/tim\?/)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Hồ sơ cũ của thửa đất' }).waitFor()
    await page.goBack()
    expect(await subjectsShown()).to.deep.equal(['Hồ sơ cũ của thửa đất'])
  })

  it('says when there is nothing, and fits a phone', async () => {
    await search('không-có-đâu')
    await page.getByText('Không thấy “không-có-đâu”').waitFor()
    await picture('search-none-1440')
    await page.setViewportSize({ width: 360, height: 740 })
    for (const q of ['nhà xưởng', '', 'không-có-đâu']) {
      await search(q)
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(wide, `overflow of "${q}"`).to.be.at.most(0)
      await picture(`search-360-${q === '' ? 'help' : q === 'nhà xưởng' ? 'found' : 'none'}`)
    }
  })
})
