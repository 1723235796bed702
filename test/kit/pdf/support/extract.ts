import { inflateSync } from 'node:zlib'

/**
 * The text of a PDF that pdfkit wrote, page by page, as a reader's "copy text" gives it: through each font's ToUnicode
 * map. Enough for our own papers: one content stream a page, glyphs as hexadecimal strings of two octets.
 */
export function pagesOf(pdf: Buffer): string[] {
  const objects = objectsOf(pdf)
  const fonts = new Map<string, Map<string, string>>()
  for (const [id, o] of objects) {
    const map = /\/ToUnicode (\d+) 0 R/.exec(o.head)?.[1]
    if (map) fonts.set(id, toUnicode(objects.get(map)!.stream!.toString('latin1')))
  }
  const pages: string[] = []
  for (const o of objects.values()) {
    if (!/\/Type \/Page\b(?!s)/.test(o.head)) continue
    const resources = objects.get(/\/Resources (\d+) 0 R/.exec(o.head)![1]!)!.head
    const names = new Map([...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map((m) => [m[1]!, fonts.get(m[2]!)!]))
    pages.push(shown(objects.get(/\/Contents (\d+) 0 R/.exec(o.head)![1]!)!.stream!.toString('latin1'), names))
  }
  return pages
}

type PdfObject = { head: string; stream?: Buffer }
function objectsOf(pdf: Buffer): Map<string, PdfObject> {
  const text = pdf.toString('latin1')
  const found = new Map<string, PdfObject>()
  for (const m of text.matchAll(/(?:^|\n)(\d+) 0 obj\n/g)) {
    const start = m.index + m[0].length
    const end = text.indexOf('\nendobj', start)
    const body = text.slice(start, end)
    const at = body.indexOf('\nstream\n')
    if (at < 0) found.set(m[1]!, { head: body })
    else {
      const octets = Buffer.from(body.slice(at + 8, body.lastIndexOf('\nendstream')), 'latin1')
      const head = body.slice(0, at)
      found.set(m[1]!, { head, stream: head.includes('/FlateDecode') ? inflateSync(octets) : octets })
    }
  }
  return found
}

/** bfrange and bfchar of a CMap (ISO 32000-1 §9.10.3): glyph in hex → text. */
function toUnicode(cmap: string): Map<string, string> {
  const map = new Map<string, string>()
  const text = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le')
  for (const m of cmap.matchAll(/<([0-9a-f]{4})> <([0-9a-f]{4})> \[((?:<[0-9a-f ]+>\s*)+)\]/gi)) {
    let glyph = Number.parseInt(m[1]!, 16)
    for (const one of m[3]!.matchAll(/<([0-9a-f ]+)>/gi))
      map.set((glyph++).toString(16).padStart(4, '0'), text(one[1]!))
  }
  return map
}

function shown(content: string, fonts: Map<string, Map<string, string>>): string {
  let font: Map<string, string> | undefined
  let out = ''
  for (const m of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ|\bET\b/g)) {
    if (m[1]) font = fonts.get(m[1])
    else if (m[2] === undefined) out += '\n'
    else
      for (const hex of m[2].matchAll(/<([0-9a-f]+)>/gi))
        for (const glyph of hex[1]!.match(/.{4}/g) ?? []) out += font?.get(glyph.toLowerCase()) ?? '\ufffd'
  }
  return out
}
export const oneLine = (page: string): string => page.replaceAll(/\s+/g, ' ').trim()
