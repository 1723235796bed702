/**
 * The words of an HTML text, for search only; nothing here is ever shown. One pass: tags become spaces or line breaks,
 * scripts, styles and comments disappear, entities become letters.
 */
import { MAX_TEXT } from '#mailserver/mime/limits.ts'

/** What elements do to the words beside them: part them by a line break, or hide what they hold. */
const kinds = new Map<string, 'block' | 'dropped'>([
  ...'address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section table td th tr ul'
    .split(' ')
    .map((name) => [name, 'block'] as const),
  ...['script', 'style', 'title', 'template'].map((name) => [name, 'dropped'] as const),
])
/** Characters of a name that are looked at. */
const MAX_NAME = 21

/** HTML 4 names of U+00A0 … U+00FF in order: all Latin letters that Vietnamese mail programs write as names. */
const latinNames = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para ' +
  'middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute ' +
  'Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute ' +
  'THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ' +
  'ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
).split(' ')
const named = new Map<string, string>([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['ndash', '–'],
  ['mdash', '—'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['hellip', '…'],
  ['bull', '•'],
  ...latinNames.map((name, i): [string, string] => [name, String.fromCharCode(0xa0 + i)]),
])

export function htmlText(html: string): string {
  const out = new Collapsed(html.length)
  let at = 0
  while (at < html.length && out.length < MAX_TEXT) {
    const open = html.indexOf('<', at)
    out.add(html, at, open < 0 ? html.length : open)
    if (open < 0) break
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4)
      at = end < 0 ? html.length : end + 3
      continue
    }
    const after = html.charCodeAt(open + 1)
    if (!isLetter(after) && after !== SLASH && after !== BANG && after !== QUESTION) {
      out.put(LESS) // a bare "<" is text
      at = open + 1
      continue
    }
    const name = nameAt(html, after === SLASH ? open + 2 : open + 1)
    const close = html.indexOf('>', open)
    at = close < 0 ? html.length : close + 1
    const kind = kinds.get(name)
    if (kind === 'block') out.put(LF)
    else if (kind === 'dropped' && after !== SLASH) {
      const end = new RegExp(`</${name}`, 'gi')
      end.lastIndex = at
      at = end.exec(html)?.index ?? html.length
    }
  }
  return out.toString()
}

const [LF, SPACE, BANG, AMPERSAND, SLASH, LESS, QUESTION] = [10, 32, 33, 38, 47, 60, 63]

const isLetter = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90)
const isBlank = (unit: number): boolean => unit === SPACE || unit === 9 || unit === 13 || unit === 0xa0
const isDigit = (c: number): boolean => c >= 48 && c <= 57

/** Lower case; "" when there is none. */
function nameAt(html: string, start: number): string {
  let end = start
  while (end - start < MAX_NAME && (isLetter(html.charCodeAt(end)) || (end > start && isDigit(html.charCodeAt(end)))))
    end++
  return html.slice(start, end).toLowerCase()
}

const entity = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,8}));?/iy

function meaning([whole, decimal, hex, name]: RegExpExecArray): string {
  if (name !== undefined) return named.get(name) ?? whole
  const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal)
  return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : ''
}

const scratch = new Uint16Array(64 * 1024)

/** A text written unit by unit, blanks as one, line breaks as one and without blanks beside them. */
class Collapsed {
  length = 0
  #units: Uint16Array<ArrayBuffer>
  #wide = 0
  #pending = 0

  constructor(most: number) {
    // the usual text is written into the same memory as the one before it: nothing of it is kept
    this.#units = most + 16 <= scratch.length ? scratch : new Uint16Array(most + 16)
  }

  put(unit: number): void {
    if (unit === LF) this.#pending = LF
    else if (isBlank(unit)) this.#pending ||= SPACE
    else {
      if (this.length + 2 > this.#units.length) this.#grow()
      if (this.#pending !== 0 && this.length > 0) this.#units[this.length++] = this.#pending
      this.#pending = 0
      this.#units[this.length++] = unit
      this.#wide |= unit
    }
  }

  /** A run of text between two tags, its entities as what they mean. */
  add(html: string, from: number, to: number): void {
    for (let at = from; at < to && this.length < MAX_TEXT; ) {
      at = this.#letters(html, at, to)
      if (at === to) return
      entity.lastIndex = at
      const found = html.charCodeAt(at) === AMPERSAND ? entity.exec(html) : null
      if (!found) this.put(html.charCodeAt(at++))
      else {
        const text = meaning(found)
        for (let i = 0; i < text.length; i++) this.put(text.charCodeAt(i))
        at += found[0].length
      }
    }
  }

  /** What is neither blank nor an entity, in one go. @returns where that ends */
  #letters(html: string, from: number, to: number): number {
    const units = this.#units
    let n = this.length
    const end = Math.min(to, from + units.length - n - 1)
    let at = from
    let wide = 0
    for (; at < end; at++) {
      const unit = html.charCodeAt(at)
      if (unit === AMPERSAND || unit === LF || isBlank(unit)) break
      if (at === from && this.#pending !== 0) {
        if (n > 0) units[n++] = this.#pending
        this.#pending = 0
      }
      units[n++] = unit
      wide |= unit
    }
    this.length = n
    this.#wide |= wide
    return at
  }

  #grow(): void {
    const larger = new Uint16Array(this.#units.length * 2)
    larger.set(this.#units)
    this.#units = larger
  }

  toString(): string {
    const units = this.#units.subarray(0, this.length)
    const octets = Buffer.from(units.buffer, 0, units.byteLength)
    if (this.#wide > 0xff) return octets.toString('utf16le').trim()
    // in place: each octet comes from behind where it goes
    for (let i = 0; i < this.length; i++) octets[i] = units[i]!
    return octets.toString('latin1', 0, this.length).trim()
  }
}
