import { closing, fact, heading, type Issuer, paragraph, title } from './layout.ts'
import { type Node, renderPdf } from './render.ts'

export type RejectionData = {
  issuer: Issuer
  /** mã hồ sơ, or the lodging reference when none was given */
  code: string
  applicant: { name: string; idNumber: string; phone: string; address: string; email: string }
  procedure: string
  lodgedAt: string
  /** paragraphs, as the clerk wrote them */
  reasons: readonly string[]
  at: string
  clerk: string
}

/** Phiếu từ chối tiếp nhận giải quyết hồ sơ (Mẫu số 03), A4. */
export function rejectionPdf(d: RejectionData): Promise<Buffer> {
  const content: Node = [
    heading(d.issuer, d.at, { subUnit: 'Bộ phận Tiếp nhận và Trả kết quả' }),
    title('PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ'),
    fact('Mã hồ sơ', d.code),
    fact('Hồ sơ của', d.applicant.name),
    fact('Số căn cước công dân hoặc mã số thuế', d.applicant.idNumber),
    fact('Địa chỉ', d.applicant.address),
    fact('Số điện thoại', d.applicant.phone),
    fact('Thư điện tử', d.applicant.email),
    fact('Nội dung yêu cầu giải quyết', d.procedure),
    paragraph(
      `Qua xem xét, ${officeOf(d.issuer)} thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau:`,
    ),
    ...d.reasons.map((r) => paragraph(r)),
    paragraph(
      `${officeOf(d.issuer)} đề nghị Ông/Bà xem xét, bổ sung hồ sơ và nộp lại. Nếu không đồng ý, Ông/Bà có quyền phản ánh, kiến nghị hoặc khiếu nại theo quy định.`,
    ),
    closing({ heading: ['NGƯỜI TIẾP NHẬN HỒ SƠ'], note: '(Ký và ghi rõ họ tên)', name: d.clerk }, [
      'Như trên',
      'Lưu: VT',
    ]),
  ]
  return renderPdf({ title: `Phiếu từ chối tiếp nhận hồ sơ ${d.code}`, content, created: new Date(d.at) })
}

const officeOf = (issuer: Issuer): string => `Bộ phận Tiếp nhận và Trả kết quả ${issuer.name}`
