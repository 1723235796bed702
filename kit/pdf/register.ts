import { shortDate } from '#kit/vi/dates.ts'
import { rule } from './layout.ts'
import { mm, type Node, renderPdf } from './render.ts'

/** The ten columns of each register, as NĐ 30/2020 Phụ lục IV prints them, and their widths as shares of the page. */
export const registerColumns = {
  đến: [
    ['Ngày đến', 8],
    ['Số đến', 5],
    ['Tác giả', 12],
    ['Số, ký hiệu văn bản', 9],
    ['Ngày tháng văn bản', 8],
    ['Tên loại và trích yếu nội dung văn bản', 22],
    ['Đơn vị hoặc người nhận', 12],
    ['Ngày chuyển', 8],
    ['Ký nhận', 8],
    ['Ghi chú', 8],
  ],
  đi: [
    ['Số, ký hiệu văn bản', 9],
    ['Ngày tháng văn bản', 8],
    ['Tên loại và trích yếu nội dung văn bản', 20],
    ['Người ký', 10],
    ['Nơi nhận văn bản', 13],
    ['Đơn vị, người nhận bản lưu', 11],
    ['Số lượng bản', 5.5],
    ['Ngày chuyển', 8],
    ['Ký nhận', 6],
    ['Ghi chú', 9.5],
  ],
} as const satisfies Record<string, readonly (readonly [name: string, share: number])[]>

export type RegisterKind = keyof typeof registerColumns
/** The ten cells of a line, as text ready to print; days as dd/MM/yyyy. */
export type RegisterLine = readonly [string, string, string, string, string, string, string, string, string, string]

export type RegisterData = {
  agency: { parentName?: string; name: string }
  kind: RegisterKind
  year: number
  /** first and last day, YYYY-MM-DD */
  from: string
  to: string
  /** first and last number of the lines, as printed */
  firstNumber: string
  lastNumber: string
  /** quyển số */
  volume: string
  lines: readonly RegisterLine[]
  size?: 'A4' | 'A3'
  printedAt: string
}

const names = { đến: 'SỔ ĐĂNG KÝ VĂN BẢN ĐẾN', đi: 'SỔ ĐĂNG KÝ VĂN BẢN ĐI' } as const

/** The register as a book: cover page, then lines under a head that every page repeats with its column numbers. */
export function registerPdf(d: RegisterData): Promise<Buffer> {
  return renderPdf({
    title: `${names[d.kind]} năm ${d.year}`,
    size: d.size ?? 'A4',
    landscape: true,
    margins: [20, 18, 12, 15],
    created: new Date(d.printedAt),
    content: [cover(d), lines(d)],
    header: () => undefined,
    footer: (page, pages) =>
      page === 1
        ? undefined
        : { text: `${page - 1}/${pages - 1}`, alignment: 'center', fontSize: 11, margin: [0, 4, 0, 0] },
  })
}

function cover(d: RegisterData): Node {
  const upper = (s: string): string => s.toLocaleUpperCase('vi')
  const line = (text: string): Node => ({ text, fontSize: 16, alignment: 'center', margin: [0, 0, 0, 8] })
  return {
    table: {
      widths: ['*'],
      heights: [mm(d.size === 'A3' ? 250 : 166)],
      body: [
        [
          {
            stack: [
              ...(d.agency.parentName ? [{ text: upper(d.agency.parentName), fontSize: 15, alignment: 'center' }] : []),
              { text: upper(d.agency.name), fontSize: 15, bold: true, alignment: 'center' },
              rule(110, 4),
              { text: names[d.kind], fontSize: 30, bold: true, alignment: 'center', margin: [0, 90, 0, 26] },
              line(`Năm: ${d.year}`),
              line(`Từ ngày ${shortDate(d.from)} đến ngày ${shortDate(d.to)}`),
              line(`Từ số ${d.firstNumber} đến số ${d.lastNumber}`),
              { text: `Quyển số: ${d.volume}`, fontSize: 16, bold: true, alignment: 'center', margin: [0, 24, 0, 0] },
            ],
            margin: [0, 24, 0, 0],
          },
        ],
      ],
    },
    layout: { hLineWidth: () => 1.4, vLineWidth: () => 1.4 },
    pageBreak: 'after',
  }
}

function lines(d: RegisterData): Node {
  const columns = registerColumns[d.kind]
  // The page inside the margins; cells have 3 points of padding on each side, and lines between them.
  const page = mm((d.size === 'A3' ? 420 : 297) - 32) - columns.length * 6 - 8
  const total = columns.reduce((sum, [, share]) => sum + share, 0)
  const centred = new Set(d.kind === 'đến' ? [0, 1, 3, 4, 7] : [0, 1, 6, 7])
  return {
    table: {
      headerRows: 2,
      dontBreakRows: true,
      widths: columns.map(([, share]) => (page * share) / total),
      body: [
        columns.map(([name]) => ({ text: name, bold: true, alignment: 'center', fontSize: 11 })),
        columns.map((_, n) => ({ text: `(${n + 1})`, alignment: 'center', fontSize: 10 })),
        ...d.lines.map((l) =>
          l.map((text, n) => ({ text, fontSize: 10.5, alignment: centred.has(n) ? 'center' : 'left' })),
        ),
      ],
    },
    layout: {
      hLineWidth: () => 0.6,
      vLineWidth: () => 0.6,
      paddingLeft: () => 3,
      paddingRight: () => 3,
    },
  }
}
