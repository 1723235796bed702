/**
 * Text of docx, xlsx and pptx (ECMA-376): the parts that people read, in the order of the document. Before Unicode a font made the
 * letters Vietnamese, so each run is turned by the font that it has, by its style's, or by the document's (kit/vi/legacy.ts).
 */
import { type Legacy, legacyOfFont } from '#kit/vi/legacy.ts'
import { Runs } from '../runs.ts'
import type { Text } from '../text.ts'
import { Unreadable } from '../unreadable.ts'
import { type Budget, readEntry, type ZipEntry } from '../zip.ts'
import { attribute, localName, readXml } from './xml.ts'

const parts = [
  /^word\/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml$/,
  /^ppt\/(slides\/slide|notesSlides\/notesSlide|comments\/comment)\d+\.xml$/,
  /^xl\/(sharedStrings|workbook|worksheets\/sheet\d+|comments\d*|drawings\/drawing\d+)\.xml$/,
]
const styleParts = /^(word\/styles|xl\/styles)\.xml$/

export const isOffice = (entries: readonly ZipEntry[]): boolean => entries.some((e) => e.name === '[Content_Types].xml')

/** @throws Unreadable, Enough */
export function officeText(octets: Buffer, entries: readonly ZipEntry[], budget: Budget, out: Text): void {
  const fonts = new Fonts()
  for (const e of entries) if (styleParts.test(e.name)) fonts.read(readEntry(octets, e, budget))
  const wanted = parts.flatMap((pattern) => entries.filter((e) => pattern.test(e.name)).sort(byNumber))
  if (wanted.length === 0) throw new Unreadable('none', 'an office file without a part that holds text')
  for (const e of wanted) partText(readEntry(octets, e, budget), fonts, out)
}

/** slide2 before slide10; the document itself before its notes, as the pattern lists them */
const byNumber = (a: ZipEntry, b: ZipEntry): number => a.name.localeCompare(b.name, 'en', { numeric: true })

/** Fonts by style, and whether the document has old ones at all. */
class Fonts {
  readonly #byStyle = new Map<string, string>()
  readonly #basedOn = new Map<string, string>()
  #byDefault = ''
  hint: Legacy | undefined

  read(xml: Buffer): void {
    let style: string | undefined
    readXml(xml, {
      open: (name, attributes) => {
        const local = localName(name)
        if (local === 'style') style = attribute(attributes, 'styleId')
        if (local === 'basedOn' && style) this.#basedOn.set(style, attribute(attributes, 'val') ?? '')
        if (local !== 'rFonts' && local !== 'name') return
        const font = attribute(attributes, local === 'name' ? 'val' : 'ascii') ?? attribute(attributes, 'hAnsi')
        if (!font) return
        this.hint ??= legacyOfFont(font)
        if (local === 'name') return // styles of a table name their fonts so; cells are turned by the hint
        if (style) this.#byStyle.set(style, font)
        else this.#byDefault ||= font
      },
      close: (name) => {
        if (localName(name) === 'style') style = undefined
      },
    })
  }

  of(style: string): string {
    let at: string | undefined = style
    for (let i = 0; at && i < 20; i++) {
      const font = this.#byStyle.get(at)
      if (font) return font
      at = this.#basedOn.get(at)
    }
    return this.#byDefault
  }
}

const silent = new Set(['instrText', 'delText', 'rPh', 'pPrChange', 'rPrChange'])

function partText(xml: Buffer, fonts: Fonts, out: Text): void {
  let paragraphStyle = ''
  let runStyle = ''
  let runFont = ''
  let inRun = false
  let taking = false
  let quiet = 0
  let text = ''
  let cell = ''
  const runs = new Runs(out, fonts.hint)
  const run = (piece: string) =>
    runs.say(piece, legacyOfFont(runFont || (runStyle && fonts.of(runStyle)) || fonts.of(paragraphStyle)))
  readXml(xml, {
    open(name, attributes) {
      const local = localName(name)
      if (silent.has(local)) quiet++
      else if (local === 't' || local === 'v' || local === 'text') {
        taking = local !== 'v' || cell !== 's' // a cell of kind s names a shared string by its number
        text = ''
      } else if (local === 'r' && !name.startsWith('x')) {
        inRun = true
        runStyle = ''
        runFont = ''
      } else if (local === 'c') cell = attribute(attributes, 't') ?? ''
      else if (local === 'rFonts') {
        if (inRun) runFont = attribute(attributes, 'ascii') ?? attribute(attributes, 'hAnsi') ?? runFont
      } else if (local === 'latin' || local === 'rFont') {
        if (inRun) runFont = attribute(attributes, 'typeface') ?? attribute(attributes, 'val') ?? runFont
      } else if (local === 'rStyle') runStyle = attribute(attributes, 'val') ?? ''
      else if (local === 'pStyle') paragraphStyle = attribute(attributes, 'val') ?? ''
      else if (local === 'tab') run('\t')
      else if (local === 'br' || local === 'cr') run('\n')
      else if (local === 'softHyphen')
        run('\u00ad') // in TCVN3 it is ư
      else if (local === 'noBreakHyphen') run('-')
      else if (local === 'sheet') run(`${attribute(attributes, 'name') ?? ''}\n`)
    },
    text(piece) {
      if (taking && quiet === 0) text += piece
    },
    close(name) {
      const local = localName(name)
      if (silent.has(local)) quiet = Math.max(0, quiet - 1)
      else if (local === 't' || local === 'v' || local === 'text') {
        if (taking) run(local === 'v' ? `${text} ` : text)
        taking = false
      } else if (local === 'r') {
        inRun = false
        runFont = ''
        runStyle = ''
      } else if (local === 'p' || local === 'si' || local === 'row' || local === 'comment') {
        runs.flush()
        out.add('\n')
        paragraphStyle = ''
      } else if (local === 'c' || local === 'tc') run(' ')
    },
  })
  runs.flush()
}
