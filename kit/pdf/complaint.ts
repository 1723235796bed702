import { formalDate } from '#kit/vi/dates.ts'
import { addressed, closing, paragraph, rule, title } from './layout.ts'
import { type Node, renderPdf } from './render.ts'

export type ComplaintData = {
  agency: string
  place: string
  date: string
  /** answer of a field of the form, '' when it was left empty */
  value: (field: string) => string
}

/** Đơn khiếu nại (NĐ 124/2020/NĐ-CP Mẫu số 01; content of Luật Khiếu nại Điều 8.2), to be printed and signed. */
export function complaintPdf({ agency, place, date, value }: ComplaintData): Promise<Buffer> {
  const line = (label: string, text: string): Node => paragraph([{ text: `${label}: ` }, { text: text || '…' }])
  const content: Node = [
    { text: 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', fontSize: 13, bold: true, alignment: 'center' },
    { text: 'Độc lập - Tự do - Hạnh phúc', bold: true, alignment: 'center', fontSize: 14 },
    rule(172),
    { text: `${place}, ${formalDate(date)}`, italics: true, alignment: 'right', margin: [0, 10, 0, 0] },
    title('ĐƠN KHIẾU NẠI'),
    addressed([agency]),
    line('Họ và tên', value('hoTen')),
    line('Địa chỉ', value('diaChi')),
    line('Số căn cước công dân', `${value('cccd')}, ngày cấp ${value('ngayCap')}, nơi cấp ${value('noiCap')}`),
    line('Điện thoại', value('dienThoai')),
    line('Cơ quan, tổ chức, cá nhân bị khiếu nại', value('nguoiBiKhieuNai')),
    line('Địa chỉ', value('diaChiBiKhieuNai')),
    line('Khiếu nại về việc', value('veViec')),
    line('Nội dung khiếu nại', value('noiDung').split('\n')[0] ?? ''),
    ...value('noiDung')
      .split('\n')
      .slice(1)
      .filter((p) => p.trim() !== '')
      .map((p) => paragraph(p)),
    line('Yêu cầu giải quyết', value('yeuCau')),
    ...(value('taiLieuKem') ? [line('Tài liệu, chứng cứ kèm theo', value('taiLieuKem'))] : []),
    closing({ heading: ['NGƯỜI KHIẾU NẠI'], note: '(Ký, ghi rõ họ tên hoặc điểm chỉ)', name: value('hoTen') }),
  ]
  return renderPdf({ title: 'Đơn khiếu nại', content, created: new Date(date) })
}
