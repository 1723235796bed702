/** Text of odt, ods and odp (ODF 1.3 part 3): paragraphs and headings of content.xml, turned by the fonts of their styles. */
import { type Legacy, legacyOfFont } from '#kit/vi/legacy.ts'
import { Runs } from '../runs.ts'
import type { Text } from '../text.ts'
import { type Budget, readEntry, type ZipEntry } from '../zip.ts'
import { attribute, localName, readXml } from './xml.ts'

export const isOpenDocument = (entries: readonly ZipEntry[]): boolean =>
  entries.some((e) => e.name === 'content.xml') && entries.some((e) => e.name === 'META-INF/manifest.xml')

/** @throws Unreadable, Enough */
export function openDocumentText(octets: Buffer, entries: readonly ZipEntry[], budget: Budget, out: Text): void {
  const styles = new Map<string, { font?: string; parent?: string }>()
  const find = (name: string) => entries.find((e) => e.name === name)
  const own = find('styles.xml')
  const content = find('content.xml')
  if (own) readStyles(readEntry(octets, own, budget), styles)
  if (!content) return
  const xml = readEntry(octets, content, budget)
  readStyles(xml, styles)
  bodyText(xml, styles, out)
}

type Styles = Map<string, { font?: string; parent?: string }>

function readStyles(xml: Buffer, styles: Styles): void {
  let current: { font?: string; parent?: string } | undefined
  readXml(xml, {
    open(name, attributes) {
      const local = localName(name)
      if (local === 'style' || local === 'default-style') {
        const parent = attribute(attributes, 'parent-style-name')
        current = parent ? { parent } : {}
        styles.set(attribute(attributes, 'name') ?? `default ${attribute(attributes, 'family') ?? ''}`, current)
      } else if (local === 'text-properties' && current) {
        const font = attributes['style:font-name'] ?? attributes['fo:font-family']
        if (font) current.font = font.replaceAll(/^['"]|['"]$/g, '')
      }
    },
  })
}

function bodyText(xml: Buffer, styles: Styles, out: Text): void {
  const legacy = (style: string): Legacy | undefined => {
    for (let i = 0, at: string | undefined = style; at && i < 20; i++) {
      const s = styles.get(at)
      if (s?.font) return legacyOfFont(s.font)
      at = s?.parent
    }
    return legacyOfFont(styles.get('default paragraph')?.font ?? '')
  }
  const hint = [...styles.values()].map((s) => legacyOfFont(s.font ?? '')).find((l) => l !== undefined)
  const fonts: (Legacy | undefined)[] = []
  let depth = 0
  const runs = new Runs(out, hint)
  const say = (text: string) => runs.say(text, fonts.at(-1))
  readXml(xml, {
    open(name, attributes) {
      const local = localName(name)
      if (local === 'p' || local === 'h' || local === 'span') {
        const style = attribute(attributes, 'style-name')
        fonts.push(style ? (legacy(style) ?? fonts.at(-1)) : fonts.at(-1))
        if (local !== 'span') depth++
      } else if (local === 'tab') say('\t')
      else if (local === 'line-break') say('\n')
      else if (local === 's') say(' ')
      else if (local === 'table' && attributes['table:name']) out.add(`${attributes['table:name']}\n`)
    },
    text(text) {
      if (depth > 0) say(text)
    },
    close(name) {
      const local = localName(name)
      if (local === 'p' || local === 'h' || local === 'span') fonts.pop()
      if (local !== 'p' && local !== 'h') return
      depth = Math.max(0, depth - 1)
      runs.flush()
      out.add('\n')
    },
  })
  runs.flush()
}
