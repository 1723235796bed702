import { expect } from 'chai'
import { complaintPdf } from '#kit/pdf/complaint.ts'
import { receiptPdf } from '#kit/pdf/receipt.ts'
import { type RegisterLine, registerColumns, registerPdf } from '#kit/pdf/register.ts'
import { rejectionPdf } from '#kit/pdf/rejection.ts'
import { oneLine, pagesOf } from './support/extract.ts'

const issuer = { parentName: 'UBND TỈNH HẢI DƯƠNG', name: 'Sở Thông tin và Truyền thông', place: 'Hải Dương' }
const applicant = {
  name: 'Hiệp hội Doanh nghiệp nhỏ và vừa Thanh Bình',
  idNumber: '0801234567',
  phone: '0912345678',
  address: 'Số 12 phố Bắc Sơn',
  email: 'hop.thu@thanhbinh.example',
}
const receipt = {
  issuer,
  code: '000.00.15.H23-260105-0007',
  lookupUrl: 'https://dichvucong.test/tra-cuu?ma=K7M2-Q9PX-4',
  applicant,
  procedure: 'Cấp giấy phép xuất bản bản tin',
  documents: [{ name: 'Tờ khai', kind: 'Bản điện tử', count: 1 }],
  deadline: '20 ngày',
  receivedAt: '2026-01-05T01:05:00Z',
  dueAt: '2026-01-26T09:00:00Z',
  resultAt: 'Thư điện tử hop.thu@thanhbinh.example',
  fee: 'Không',
  clerk: 'Trần Thị Hà',
}
const letters =
  'a à ả ã á ạ ă ằ ẳ ẵ ắ ặ â ầ ẩ ẫ ấ ậ đ e è ẻ ẽ é ẹ ê ề ể ễ ế ệ i ì ỉ ĩ í ị o ò ỏ õ ó ọ ô ồ ổ ỗ ố ộ ơ ờ ở ỡ ớ ợ u ù ủ ũ ú ụ ư ừ ử ữ ứ ự y ỳ ỷ ỹ ý ỵ'

describe('kit/pdf', () => {
  it('prints the receipt on one page with every field of the form', async () => {
    const pages = pagesOf(await receiptPdf(receipt))
    expect(pages).to.have.length(1)
    const text = oneLine(pages[0]!)
    for (const words of [
      'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM',
      'Độc lập - Tự do - Hạnh phúc',
      'GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ',
      'Hải Dương, ngày 05 tháng 01 năm 2026',
      'Mã hồ sơ: 000.00.15.H23-260105-0007',
      'Tiếp nhận hồ sơ của: Hiệp hội Doanh nghiệp nhỏ và vừa Thanh Bình',
      'Thủ tục hành chính cần giải quyết: Cấp giấy phép xuất bản bản tin',
      '2. Số lượng hồ sơ: 01 (bộ)',
      '3. Thời gian giải quyết hồ sơ theo quy định: 20 ngày',
      '4. Thời gian nhận hồ sơ: 08 giờ 05 phút, ngày 05 tháng 01 năm 2026',
      '5. Thời gian trả kết quả giải quyết hồ sơ: 16 giờ 00 phút, ngày 26 tháng 01 năm 2026',
      '6. Đăng ký nhận kết quả tại: Thư điện tử hop.thu@thanhbinh.example',
      '7. Phí, lệ phí: Không',
      'Trần Thị Hà',
    ])
      expect(text).to.include(words)
  })

  it('keeps every Vietnamese letter, small and capital, in all styles, from NFD too', async () => {
    const all = `${letters} ${letters.toLocaleUpperCase('vi')}`
    for (const typed of [all, all.normalize('NFD')]) {
      const text = oneLine(
        pagesOf(
          await rejectionPdf({
            issuer,
            code: 'K7M2-Q9PX-4',
            applicant: { ...applicant, name: typed },
            procedure: 'X',
            lodgedAt: receipt.receivedAt,
            reasons: [typed],
            at: receipt.receivedAt,
            clerk: 'Hà',
          }),
        ).join(' '),
      )
      expect(text.split(all).length - 1).to.equal(2)
    }
  })

  it('is the same octets for the same receipt, but for what the library numbers at random', async () => {
    const [a, b] = [pagesOf(await receiptPdf(receipt)), pagesOf(await receiptPdf(receipt))]
    expect(a).to.deep.equal(b)
  })

  it('survives what people type: controls, signs without glyph, long words, markup', async () => {
    const odd = `\u0000\u0007${'x'.repeat(400)} <b>🙂</b> \ud800 {{a}}`
    const pages = pagesOf(
      await receiptPdf({
        ...receipt,
        applicant: { ...applicant, name: odd },
        documents: Array.from({ length: 60 }, () => ({ name: odd, kind: odd, count: 9 })),
      }),
    )
    expect(pages.length).to.be.within(2, 100)
    expect(pages.join('')).to.include('<b>')
  })

  for (const kind of ['đến', 'đi'] as const)
    it(`prints Sổ văn bản ${kind}: cover, then its ten columns on every page`, async () => {
      const line = registerColumns[kind].map(([name]) => `Nội dung ${name}`) as unknown as RegisterLine
      const pages = pagesOf(
        await registerPdf({
          agency: issuer,
          kind,
          year: 2026,
          from: '2026-01-05',
          to: '2026-11-23',
          firstNumber: '01',
          lastNumber: '120',
          volume: '01',
          lines: Array.from({ length: 120 }, () => line),
          printedAt: '2026-11-23T02:00:00Z',
        }),
      ).map(oneLine)
      for (const words of [
        `SỔ ĐĂNG KÝ VĂN BẢN ${kind.toLocaleUpperCase('vi')}`,
        'Năm: 2026',
        'Từ ngày 05/01/2026 đến ngày 23/11/2026',
        'Từ số 01 đến số 120',
        'Quyển số: 01',
      ])
        expect(pages[0]).to.include(words)
      expect(pages.length).to.be.greaterThan(5)
      for (const page of pages.slice(1)) expect(page).to.include('(1) (2) (3) (4) (5) (6) (7) (8) (9) (10)')
      expect(registerColumns[kind]).to.have.length(10)
    })

  it('prints an empty register', async () => {
    const pages = pagesOf(
      await registerPdf({
        agency: issuer,
        kind: 'đến',
        year: 2026,
        from: '2026-01-01',
        to: '2026-01-02',
        firstNumber: '',
        lastNumber: '',
        volume: '01',
        lines: [],
        printedAt: '2026-01-02T02:00:00Z',
      }),
    )
    expect(pages).to.have.length(2)
  })

  it('prints a complaint to be signed, with its paragraphs', async () => {
    const value = (field: string) => ({ hoTen: 'Lê Thị Ánh', noiDung: 'Đoạn một\n\nĐoạn hai' })[field] ?? ''
    const text = oneLine(
      pagesOf(await complaintPdf({ agency: issuer.name, place: 'Hải Dương', date: '2026-11-23', value })).join(' '),
    )
    expect(text).to.include('ĐƠN KHIẾU NẠI').and.include('Đoạn một').and.include('Đoạn hai').and.include('điểm chỉ')
  })
})
