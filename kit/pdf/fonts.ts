/**
 * The font of printed papers, taken apart once for each thread. pdfkit opens a font file anew for each document, and fontkit
 * then spends 50 of a receipt's 65 ms on the same tables. So documents get a name in place of the file's octets, and the
 * name is a font format of its own, registered with fontkit, whose reader gives the font that is open already.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Font = { _glyphs: object }
type FontKit = {
  create(octets: Uint8Array): Font
  registerFormat(format: { probe(octets: Buffer): boolean; new (stream: { buffer: Buffer }): object }): void
}

// pdfkit's own copy: formats are registered with that one
const ofPdfmake = createRequire(createRequire(import.meta.url).resolve('pdfmake'))
const fontkit = createRequire(ofPdfmake.resolve('pdfkit'))('fontkit') as FontKit

const folder = dirname(fileURLToPath(import.meta.resolve('@expo-google-fonts/tinos/package.json')))
// as long as any header that fontkit's other formats look at
const tag = 'congso:an open font, see kit/pdf/fonts.ts:'
const open = new Map<string, Font>()

class OpenFont {
  static probe(octets: Buffer): boolean {
    return octets.toString('latin1', 0, tag.length) === tag
  }
  constructor({ buffer }: { buffer: Buffer }) {
    const name = buffer.toString('latin1', tag.length)
    let font = open.get(name)
    if (!font) {
      font = fontkit.create(readFileSync(join(folder, name, `Tinos_${name}.ttf`)))
      open.set(name, font)
    }
    // A glyph remembers the letters that it was first drawn for, and a part of another glyph has none: that is one document's
    // matter, since its text can be copied by them. A document is laid out without a pause, so none loses its glyphs half-way.
    font._glyphs = {}
    // biome-ignore lint/correctness/noConstructorReturn: fontkit makes its fonts with `new`
    return font
  }
}
fontkit.registerFormat(OpenFont)

/** What a document gets for a style of Tinos. @param name as the package names its folders: "400Regular" */
export function openFont(name: string): Buffer {
  return Buffer.from(tag + name, 'latin1')
}
