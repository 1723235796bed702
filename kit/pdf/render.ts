import pdfmake from 'pdfmake'
import { openFont } from './fonts.ts'

/** A node of a pdfmake document: https://pdfmake.github.io/docs/0.3/document-definition-object/ */
export type Node = string | { [key: string]: unknown } | Node[]
export type PdfDefinition = {
  title: string
  content: Node
  /** millimetres: left, top, right, bottom; NĐ 30 PL I.I.3 by default */
  margins?: readonly [number, number, number, number]
  size?: 'A4' | 'A3'
  landscape?: boolean
  /** date printed in the file's metadata; the same input gives the same octets */
  created: Date
  /** between single and one and a half (NĐ 30 PL I.II.5); 1.15 by default */
  lineHeight?: number
  header?: (page: number, pages: number) => Node | undefined
  footer?: (page: number, pages: number) => Node | undefined
}

// Tinos is metric-equal to Times New Roman, which NĐ 30 asks for, and has all Vietnamese letters.
const styles = { normal: '400Regular', bold: '700Bold', italics: '400Regular_Italic', bolditalics: '700Bold_Italic' }
for (const name of Object.values(styles)) pdfmake.virtualfs.writeFileSync(name, openFont(name))
pdfmake.setFonts({ Tinos: styles })
// Texts of citizens must not make us fetch or read anything.
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy(() => false)

/** Millimetres in points. */
export const mm = (n: number): number => (n * 72) / 25.4

/** Draws the document: A4 portrait, Tinos 13, NFC text, page number on top from the second page (NĐ 30 PL I.I.7). */
export function renderPdf(d: PdfDefinition): Promise<Buffer> {
  const [left, top, right, bottom] = d.margins ?? [30, 20, 15, 20]
  return pdfmake
    .createPdf({
      info: { title: d.title.normalize('NFC'), producer: 'Công Sở', creator: 'Công Sở', creationDate: d.created },
      pageSize: d.size ?? 'A4',
      pageOrientation: d.landscape ? 'landscape' : 'portrait',
      pageMargins: [mm(left), mm(top), mm(right), mm(bottom)],
      language: 'vi',
      defaultStyle: { font: 'Tinos', fontSize: 13, lineHeight: d.lineHeight ?? 1.15 },
      content: clean(d.content),
      header: d.header ?? numberedFromTwo,
      ...(d.footer ? { footer: d.footer } : {}),
    })
    .getBuffer()
}

const numberedFromTwo = (page: number): Node | undefined =>
  page < 2 ? undefined : { text: String(page), alignment: 'center', margin: [0, mm(10), 0, 0] }

// XML 1.0's idea of a printable character; others have no glyph and would show as boxes.
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g

/** NFC, and nothing that has no glyph: text comes from forms. Numbers, functions and layouts stay as they are. */
function clean<T>(node: T): T {
  if (typeof node === 'string') return node.normalize('NFC').replaceAll(unprintable, ' ') as T
  if (Array.isArray(node)) return node.map(clean) as T
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, clean(value)])) as T
}
