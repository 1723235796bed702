import { addressed, closing, fact, heading, paragraph, title } from './layout.ts'
import { type Node, renderPdf } from './render.ts'

export type DeclarationData = {
  /** who declares, as issuer of the paper; `place` is where the receiving agency is */
  applicant: string
  place: string
  agency: string
  /** name of the procedure */
  procedure: string
  /** answers by section, in the order of the form */
  sections: readonly { title: string; rows: readonly { label: string; value: string }[] }[]
  /** what is promised at the end */
  promise: string
  /** shown at the foot, so that the paper is found again: the draft's name */
  draft: string
  at: string
}

const roman = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII']

/** Tờ khai made from the answers of a form: to be printed, signed, sealed and sent back as a scan. */
export function declarationPdf(d: DeclarationData): Promise<Buffer> {
  const content: Node = [
    heading({ name: d.applicant, place: d.place }, d.at),
    title('TỜ KHAI', `Đề nghị ${d.procedure.charAt(0).toLocaleLowerCase('vi')}${d.procedure.slice(1)}`),
    addressed([d.agency]),
    ...d.sections.flatMap((s, n) => [
      { text: `${roman[n]}. ${s.title}`, bold: true, margin: [0, 8, 0, 4] },
      ...s.rows.map((r) => fact(r.label, r.value)),
    ]),
    { text: '', margin: [0, 4, 0, 0] },
    paragraph(d.promise),
    closing({ heading: ['NGƯỜI ĐỨNG ĐẦU', 'CƠ QUAN, TỔ CHỨC'], note: '(Ký, ghi rõ họ tên, đóng dấu)' }),
  ]
  return renderPdf({
    title: `Tờ khai: ${d.procedure}`,
    content,
    created: new Date(d.at),
    footer: (page, pages) => ({
      text: `Mã nháp ${d.draft}, trang ${page}/${pages}`,
      alignment: 'center',
      fontSize: 10,
      margin: [0, 8, 0, 0],
    }),
  })
}
