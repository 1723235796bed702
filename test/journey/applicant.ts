/** A business at the portal, in a real browser. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'

const files = join(import.meta.dirname, '../fixtures/files')

export type Lodged = { reference: string; secret: string }

/** What the form is filled with; a story overrides what it wants wrong. */
export const application: Readonly<Record<string, string>> = {
  tenCoQuan: 'Công ty Cổ phần Gốm sứ Chu Đậu',
  diaChi: 'Thôn Chu Đậu, xã Thái Tân, huyện Nam Sách, tỉnh Hải Dương',
  dienThoai: '0220 3754 168',
  thuDienTu: 'vanphong@gomchudau.example',
  maSoThue: '0800273471',
  soQuyetDinh: '0800273471/ĐKDN',
  ngayQuyetDinh: '05/01/2009',
  noiQuyetDinh: 'Sở Kế hoạch và Đầu tư tỉnh Hải Dương',
  hoTen: 'Đặng Thị Thu Hường',
  ngaySinh: '12/03/1984',
  quocTich: 'Việt Nam',
  cccd: '030184001234',
  chucDanh: 'Phó Giám đốc',
  trinhDo: 'dai-hoc',
  diaChiNguoi: 'Số 8 phố Bạch Đằng, thành phố Hải Dương',
  dienThoaiNguoi: '0912345678',
  tenBanTin: 'Gốm Chu Đậu – Nghề và Người',
  mucDich: 'Thông tin về hoạt động, sản phẩm và truyền thống làng nghề gốm Chu Đậu.',
  doiTuong: 'Người lao động, khách hàng, bạn đọc yêu gốm',
  ngonNgu: 'viet',
  kyHan: 'quy',
  rong: '19',
  cao: '27',
  soTrang: '32',
  soLuong: '500',
  noiIn: 'Công ty TNHH In Thành Đông, thành phố Hải Dương',
  phamVi: 'Trong tỉnh; phát tại chỗ và gửi bưu điện',
}

/** document → sample file */
export const documents: Readonly<Record<string, string>> = {
  toKhai: join(files, 'to-khai-ban-tin.pdf'),
  quyetDinh: join(files, 'quyet-dinh-thanh-lap-scan.jpg'),
  soYeuLyLich: join(files, 'so-yeu-ly-lich.docx'),
  mauTrinhBay: join(files, 'mau-trinh-bay.png'),
}

/** Fills the fields of the step that is open, by their names. */
export async function fill(page: Page, values: Readonly<Record<string, string>> = application): Promise<void> {
  const names = await page
    .locator('form[action^="/soan/"] [name]')
    .evaluateAll((nodes) =>
      nodes.map((n) => [(n as HTMLInputElement).name, n.tagName, (n as HTMLInputElement).type] as const),
    )
  for (const [name, tag, type] of names) {
    const value = values[name]
    if (value === undefined || type === 'file') continue
    const field = page.locator(`[name="${name}"]`)
    if (!(await field.isVisible())) continue
    if (tag === 'SELECT') await field.selectOption(value)
    else await field.fill(value)
  }
}

export const next = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Lưu và sang bước/ }).click()
}

/** From the catalogue to the page that says "Đã nộp hồ sơ". */
export async function lodge(page: Page, portal: string, values = application): Promise<Lodged> {
  await page.goto(portal)
  await page.getByRole('link', { name: 'Cấp giấy phép xuất bản bản tin', exact: true }).click()
  await page
    .getByRole('button', { name: /Nộp hồ sơ|Soạn hồ sơ|Bắt đầu/ })
    .first()
    .click()
  for (const title of ['Cơ quan, tổ chức đề nghị', 'Người chịu trách nhiệm', 'Nội dung bản tin']) {
    await page.getByRole('heading', { name: title, level: 1 }).waitFor()
    await fill(page, values)
    await next(page)
  }
  await page.getByRole('heading', { name: 'Giấy tờ kèm theo', level: 1 }).waitFor()
  await attach(page)
  await page.getByRole('heading', { name: 'Kiểm tra và nộp', level: 1 }).waitFor()
  await page.locator('[name="camKet"]').check()
  await page.getByRole('button', { name: 'Nộp hồ sơ' }).click()
  return lodged(page)
}

/** Chooses a file for each document and goes on. */
export async function attach(page: Page): Promise<void> {
  for (const [document, path] of Object.entries(documents))
    await page.locator(`input[type=file][id$="${document}"]`).setInputFiles(path)
  await next(page)
}

export async function lodged(page: Page): Promise<Lodged> {
  await page.locator('[data-reference]').waitFor({ timeout: 30_000 })
  return {
    reference: (await page.locator('[data-reference]').innerText()).trim(),
    secret: (await page.locator('[data-secret]').innerText()).trim(),
  }
}

/** Opens the case by what was printed; waits for the text that is expected there. */
export async function lookUp(page: Page, portal: string, lodged: Lodged): Promise<void> {
  await page.goto(`${portal}/tra-cuu`)
  await page.getByLabel('Số nộp hồ sơ hoặc mã hồ sơ').fill(lodged.reference)
  await page.getByLabel('Mã tra cứu', { exact: true }).fill(lodged.secret)
  await page.getByRole('button', { name: 'Tra cứu' }).click()
}
