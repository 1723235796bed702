import { formalMoment } from '#kit/vi/dates.ts'
import { fact, heading, type Issuer, title, twoSigners } from './layout.ts'
import { type Node, renderPdf } from './render.ts'

/** Everything printed on it; decided once, in the event that received the dossier. Fields: domain.md §3.3. */
export type ReceiptData = {
  issuer: Issuer
  /** mã hồ sơ */
  code: string
  /** what the QR holds: the address of the portal's lookup page for this case */
  lookupUrl: string
  applicant: { name: string; idNumber: string; phone: string; address: string; email: string }
  procedure: string
  /** `kind`: Bản chính, Bản sao, Bản điện tử */
  documents: readonly { name: string; kind: string; count: number }[]
  /** "20 ngày", "07 ngày làm việc" */
  deadline: string
  receivedAt: string
  dueAt: string
  /** where the result is to be had: "Thư điện tử …", "Bộ phận Một cửa" */
  resultAt: string
  fee: string
  /** name of the clerk who received it */
  clerk: string
}

const officeName = 'Bộ phận Tiếp nhận và Trả kết quả'

/** Giấy tiếp nhận hồ sơ và hẹn trả kết quả (Mẫu số 01), A4, with a QR of the lookup page. */
export function receiptPdf(d: ReceiptData): Promise<Buffer> {
  const content: Node = [
    heading(d.issuer, d.receivedAt, { subUnit: officeName }),
    title('GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ'),
    {
      columns: [
        {
          width: '*',
          stack: [
            fact('Mã hồ sơ', d.code),
            fact('Tiếp nhận hồ sơ của', d.applicant.name),
            fact('Số căn cước công dân hoặc mã số thuế', d.applicant.idNumber),
            fact('Số điện thoại', d.applicant.phone),
            fact('Thư điện tử', d.applicant.email),
          ],
        },
        {
          width: 92,
          stack: [
            { qr: d.lookupUrl, fit: 92, alignment: 'center' },
            { text: 'Tra cứu hồ sơ', fontSize: 9, alignment: 'center', margin: [0, 3, 0, 0] },
          ],
        },
      ],
      columnGap: 12,
    },
    fact('Địa chỉ', d.applicant.address),
    fact('Thủ tục hành chính cần giải quyết', d.procedure),
    { text: '1. Thành phần hồ sơ, yêu cầu và số lượng mỗi loại giấy tờ gồm:', margin: [0, 4, 0, 4] },
    documentTable(d.documents),
    fact('2. Số lượng hồ sơ', '01 (bộ)'),
    fact('3. Thời gian giải quyết hồ sơ theo quy định', d.deadline),
    fact('4. Thời gian nhận hồ sơ', formalMoment(d.receivedAt)),
    fact('5. Thời gian trả kết quả giải quyết hồ sơ', formalMoment(d.dueAt)),
    fact('6. Đăng ký nhận kết quả tại', d.resultAt),
    fact('7. Phí, lệ phí', d.fee),
    twoSigners(
      { heading: ['NGƯỜI NỘP HỒ SƠ'], note: '(Nộp trực tuyến)', name: d.applicant.name },
      { heading: ['NGƯỜI TIẾP NHẬN HỒ SƠ'], note: '(Ký và ghi rõ họ tên)', name: d.clerk },
    ),
  ]
  return renderPdf({
    title: `Giấy tiếp nhận hồ sơ ${d.code}`,
    content,
    created: new Date(d.receivedAt),
    lineHeight: 1.08,
    margins: [30, 20, 15, 15],
  })
}

function documentTable(documents: ReceiptData['documents']): Node {
  const head = (text: string): Node => ({ text, bold: true, alignment: 'center', fontSize: 12 })
  return {
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: [28, '*', 90, 56],
      body: [
        [head('STT'), head('Tên giấy tờ'), head('Loại giấy tờ'), head('Số lượng')],
        ...documents.map((one, n) => [
          { text: String(n + 1), alignment: 'center', fontSize: 12 },
          { text: one.name, fontSize: 12 },
          { text: one.kind, alignment: 'center', fontSize: 12 },
          { text: String(one.count), alignment: 'center', fontSize: 12 },
        ]),
      ],
    },
    layout: { hLineWidth: () => 0.6, vLineWidth: () => 0.6 },
    margin: [0, 0, 0, 8],
  }
}
