/** Officials at the desk, in a real browser. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'

export const people = {
  clerk: 'ha.tran@haiduong.gov.vn',
  head: 'lan.pham@haiduong.gov.vn',
  officer: 'an.nguyen@haiduong.gov.vn',
  leader: 'minh.le@haiduong.gov.vn',
} as const
export const password = 'CongSo@2026'
export const draftLicence = join(import.meta.dirname, '../fixtures/files/giay-phep-du-thao.pdf')

/** Signs in as a person would and leaves them at their worklist. */
export async function signIn(browser: Browser, desk: string, address: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(`${desk}/`)
  await page.getByLabel('Địa chỉ thư công vụ').fill(address)
  await page.getByLabel('Mật khẩu', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Đăng nhập', exact: true }).click()
  await page.waitForURL(/\/ho-so/)
  return page
}

/** Opens a case and one of its acts. */
export async function open(page: Page, desk: string, reference: string, act?: string): Promise<void> {
  await page.goto(`${desk}/ho-so/${reference}`)
  if (act) {
    const link = page.getByRole('link', { name: act, exact: true }).first()
    if (await link.isVisible()) await link.click()
  }
}

/** Presses the button of the act whose form is open and waits until the page says that it is done. */
export async function press(page: Page, act: string): Promise<void> {
  await page.locator('main form[enctype]').getByRole('button', { name: act, exact: true }).click()
  await page.getByText('Đã xong.').waitFor({ timeout: 15_000 })
}

export const acts = {
  receive: async (page: Page, desk: string, id: string) => {
    await open(page, desk, id, 'Tiếp nhận')
    await press(page, 'Tiếp nhận')
  },
  forward: async (page: Page, desk: string, id: string, due: string) => {
    await open(page, desk, id, 'Chuyển xử lý')
    await page.getByLabel('Phòng xử lý').selectOption({ label: 'Phòng Báo chí - Xuất bản' })
    await page.getByLabel('Thời hạn').fill(due)
    await page.getByLabel('Ý kiến, chỉ đạo').fill('Thẩm định tờ khai, mẫu trình bày; lưu ý khuôn khổ.')
    await press(page, 'Chuyển xử lý')
  },
  assign: async (page: Page, desk: string, id: string) => {
    await open(page, desk, id, 'Phân công')
    await page.getByLabel('Chuyên viên').selectOption(people.officer)
    await press(page, 'Phân công')
  },
  propose: async (page: Page, desk: string, id: string, opinion: string) => {
    await open(page, desk, id, 'Trình lãnh đạo')
    await page.getByLabel('Ý kiến đề xuất').fill(opinion)
    await page.getByLabel('Dự thảo kết quả').setInputFiles(draftLicence)
    await press(page, 'Trình lãnh đạo')
  },
  sendBack: async (page: Page, desk: string, id: string, reason: string) => {
    await open(page, desk, id, 'Trả lại')
    await page.getByLabel('Lý do trả lại').fill(reason)
    await press(page, 'Trả lại')
  },
  approve: async (page: Page, desk: string, id: string) => {
    await open(page, desk, id, 'Duyệt')
    await press(page, 'Duyệt')
  },
  issue: async (page: Page, desk: string, id: string) => {
    await open(page, desk, id, 'Trả kết quả')
    await press(page, 'Trả kết quả')
  },
}
