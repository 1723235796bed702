/**
 * The words of an HTML text, for search only; nothing here is ever shown. One pass: tags become spaces or line breaks,
 * scripts, styles and comments disappear, entities become letters.
 */
import { MAX_TEXT } from '#mailserver/mime/limits.ts'

const blocks = /^(?:address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|td|th|tr|ul)$/
const dropped = new Set(['script', 'style', 'title', 'template'])

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
  let out = ''
  let at = 0
  while (at < html.length && out.length < MAX_TEXT) {
    const open = html.indexOf('<', at)
    if (open < 0) {
      out += html.slice(at)
      break
    }
    out += html.slice(at, open)
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4)
      at = end < 0 ? html.length : end + 3
      continue
    }
    if (!/[a-z/!?]/i.test(html[open + 1] ?? '')) {
      out += '<' // a bare "<" is text
      at = open + 1
      continue
    }
    const name = /^<\/?([a-z][a-z0-9]{0,20})/i.exec(html.slice(open, open + 24))?.[1]?.toLowerCase()
    const close = html.indexOf('>', open)
    at = close < 0 ? html.length : close + 1
    if (name === undefined) continue
    if (dropped.has(name) && html[open + 1] !== '/') {
      const end = new RegExp(`</${name}`, 'gi')
      end.lastIndex = at
      at = end.exec(html)?.index ?? html.length
    } else if (blocks.test(name)) out += '\n'
  }
  return entities(out)
    .replaceAll(/[ \t\r\u00a0]+/g, ' ')
    .replaceAll(/ ?\n[ \n]*/g, '\n')
    .trim()
}

function entities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,8}));?/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named.get(name) ?? whole
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal)
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : ''
    },
  )
}
