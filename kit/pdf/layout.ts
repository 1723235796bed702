import { formalDate } from '#kit/vi/dates.ts'
import type { Node } from './render.ts'

/** The parts of a document that NĐ 30/2020 Phụ lục I lays out; numbers in comments are its cells (domain.md §1.5). */
export type Issuer = {
  /** "UBND TỈNH HẢI DƯƠNG"; absent for UBND tỉnh itself */
  parentName?: string
  name: string
  /** địa danh */
  place: string
}

export const noBorders = 'noBorders'

/** A rule of `width` points, centred under what is before it. */
export const rule = (width: number, gap = 2): Node => ({
  columns: [
    { width: '*', text: '' },
    { width, canvas: [{ type: 'line', x1: 0, y1: 0, x2: width, y2: 0, lineWidth: 0.7 }] },
    { width: '*', text: '' },
  ],
  margin: [0, gap, 0, 0],
})

// What fits in the left column in capitals of size 12 without breaking.
const MAX_CAPITALS = 26

/** A long name in capitals, broken into lines of about equal length, as clerks do by hand. */
function capitals(text: string): string {
  const upper = text.toLocaleUpperCase('vi')
  const lines = Math.ceil(upper.length / MAX_CAPITALS)
  const out: string[] = ['']
  for (const word of upper.split(' ')) {
    const line = out.at(-1)!
    if (line !== '' && out.length < lines && line.length + word.length / 2 >= upper.length / lines) out.push(word)
    else out[out.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return out.join('\n')
}

/**
 * Cells 1–4: issuer on the left with its rule, quốc hiệu and tiêu ngữ on the right, then number and place with date.
 * @param subUnit printed under the issuer, for example the one-stop office; then the issuer is not bold
 * @param number whole "Số: 15/QĐ-STTTT"; absent where the paper has none
 * @param date YYYY-MM-DD or an instant
 */
export function heading(
  issuer: Issuer,
  date: string,
  { number, subUnit }: { number?: string; subUnit?: string } = {},
): Node {
  const above = subUnit ? issuer.name : issuer.parentName
  const place = { text: `${issuer.place}, ${formalDate(date)}`, italics: true, alignment: 'center' }
  return [
    {
      columns: [
        {
          width: '43%',
          stack: [
            ...(above ? [{ text: capitals(above), fontSize: 12, alignment: 'center' }] : []),
            { text: capitals(subUnit ?? issuer.name), fontSize: 12, bold: true, alignment: 'center' },
            rule(70),
          ],
        },
        {
          width: '57%',
          stack: [
            { text: 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', fontSize: 12, bold: true, alignment: 'center', noWrap: true },
            { text: 'Độc lập - Tự do - Hạnh phúc', fontSize: 13, bold: true, alignment: 'center' },
            rule(163),
            ...(number ? [] : [{ ...place, margin: [0, 10, 0, 0] }]),
          ],
        },
      ],
    },
    ...(number
      ? [
          {
            columns: [
              { width: '43%', text: number, alignment: 'center' },
              { width: '57%', ...place },
            ],
            margin: [0, 8, 0, 0],
          },
        ]
      : []),
  ]
}

/** Cell 5a: type in capitals, subject under it, both bold. */
export const title = (type: string, subject?: string): Node => ({
  stack: [
    { text: type, bold: true, fontSize: 14, alignment: 'center' },
    ...(subject ? [{ text: subject, bold: true, fontSize: 14, alignment: 'center' }, rule(90)] : []),
  ],
  margin: [0, 16, 0, 10],
})

/** Cell 9a: one addressee on the line, several as a list that ends with a full stop. */
export function addressed(to: readonly string[]): Node {
  if (to.length <= 1) return { text: `Kính gửi: ${to[0] ?? ''}`, alignment: 'center', margin: [0, 0, 0, 10] }
  return {
    columns: [
      { width: 120, text: 'Kính gửi:', alignment: 'right', margin: [0, 0, 8, 0] },
      { width: '*', stack: to.map((t, n) => `- ${t}${n === to.length - 1 ? '.' : ';'}`) },
    ],
    margin: [0, 0, 0, 10],
  }
}

/** A paragraph of cell 6: justified, first line indented 1.27 cm, 6 pt before the next. */
export const paragraph = (text: Node): Node => ({
  text,
  alignment: 'justify',
  leadingIndent: 36,
  margin: [0, 0, 0, 6],
})

/** "Label: value" on a line, the label plain and the value bold; wraps under the label. */
export const fact = (label: string, value: string): Node => ({
  text: [{ text: `${label}: ` }, { text: value || '…', bold: true }],
  margin: [0, 0, 0, 4],
})

/** Cells 7 and 9b: nơi nhận on the left, who signs on the right. `space` in points is left for the signature. */
export function closing(
  signer: { heading: readonly string[]; note?: string; name?: string },
  recipients: readonly string[] = [],
  { space = 70 }: { space?: number } = {},
): Node {
  return {
    unbreakable: true,
    columns: [
      {
        width: '48%',
        stack:
          recipients.length === 0
            ? []
            : [
                { text: 'Nơi nhận:', bold: true, italics: true, fontSize: 12 },
                ...recipients.map((r, n) => ({
                  text: `- ${r}${n === recipients.length - 1 ? '.' : ';'}`,
                  fontSize: 11,
                })),
              ],
      },
      { width: '52%', stack: signature(signer, space) },
    ],
    margin: [0, 16, 0, 0],
  }
}

/** Two who sign side by side, as on receipts. */
export const twoSigners = (
  left: { heading: readonly string[]; note?: string; name?: string },
  right: { heading: readonly string[]; note?: string; name?: string },
): Node => ({
  unbreakable: true,
  columns: [
    { width: '50%', stack: signature(left, 48) },
    { width: '50%', stack: signature(right, 48) },
  ],
  margin: [0, 16, 0, 0],
})

function signature(s: { heading: readonly string[]; note?: string; name?: string }, space: number): Node[] {
  return [
    ...s.heading.map((text) => ({ text, bold: true, alignment: 'center' })),
    ...(s.note ? [{ text: s.note, italics: true, fontSize: 11, alignment: 'center' }] : []),
    { text: s.name ?? ' ', bold: true, alignment: 'center', margin: [0, space, 0, 0] },
  ]
}
