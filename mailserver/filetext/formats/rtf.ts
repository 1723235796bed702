/**
 * Text of RTF 1.9. One pass without recursion: a stack of groups, each with its font and whether it is shown. Octets outside ASCII are
 * in the code page of the font; a font named .Vn… or VNI-… means the old Vietnamese encodings.
 */
import { legacyOfFont } from '#kit/vi/legacy.ts'
import { Runs } from '../runs.ts'
import type { Text } from '../text.ts'

export const isRtf = (octets: Buffer): boolean =>
  octets.subarray(0, 64).toString('latin1').trimStart().startsWith('{\\rtf')

/** Destinations whose text nobody sees. Unknown ones begin with \* and are skipped too. */
const hidden = new Set(
  'stylesheet colortbl info pict object themedata colorschememapping datastore latentstyles listtable listoverridetable rsidtbl generator xmlnstbl fldinst revtbl filetbl'.split(
    ' ',
  ),
)
/** Groups within groups; Word writes ten. Deeper ones share the state of the last. */
const MAX_GROUPS = 1000
/** RTF 1.9, \fcharset → code page */
const charsets: Record<number, string> = {
  0: 'windows-1252',
  163: 'windows-1258',
  204: 'windows-1251',
  238: 'windows-1250',
  128: 'shift_jis',
  134: 'gbk',
  136: 'big5',
}

type Font = { name: string; page?: string }
type Group = { shown: boolean; font: number; uc: number; table: boolean; star: boolean }

/** @throws Enough */
export function rtfText(octets: Buffer, out: Text): void {
  const rtf = octets.toString('latin1')
  const fonts = new Map<number, Font>()
  const stack: Group[] = []
  let group: Group = { shown: true, font: -1, uc: 1, table: false, star: false }
  let defaultFont = 0
  let page = 'windows-1252'
  let defining = 0
  let skip = 0
  let bytes: number[] = []
  const runs = new Runs(out, oldFonts(rtf))

  const fontNow = () => fonts.get(group.font >= 0 ? group.font : defaultFont)
  const say = (text: string) => {
    if (group.shown) runs.say(text, legacyOfFont(fontNow()?.name ?? ''))
  }
  /** Octets that belong together: a letter of windows-1258 and its tone are two. */
  const flushBytes = () => {
    if (bytes.length === 0) return
    const octets = Uint8Array.from(bytes)
    bytes = []
    const font = fontNow()
    if (legacyOfFont(font?.name ?? '')) say(Buffer.from(octets).toString('latin1'))
    else say(new TextDecoder(font?.page ?? page).decode(octets).normalize('NFC'))
  }

  for (let at = 0; at < rtf.length; ) {
    const c = rtf[at]!
    if (c === '{') {
      flushBytes()
      if (stack.length < MAX_GROUPS) stack.push(group)
      group = { ...group, star: false }
      at++
    } else if (c === '}') {
      flushBytes()
      group = stack.pop() ?? group
      at++
    } else if (c === '\\') at = control(at + 1)
    else if (c === '\r' || c === '\n') at++
    else {
      let end = at + 1
      while (end < rtf.length && !'{}\\\r\n'.includes(rtf[end]!)) end++
      let text = rtf.slice(at, end)
      at = end
      if (skip > 0) {
        const n = Math.min(skip, text.length)
        text = text.slice(n)
        skip -= n
      }
      if (group.table) {
        const font = fonts.get(defining)
        if (font && font.name.length < 100) font.name += text.replace(/;.*$/s, '')
      } else if (/[\u0080-\u00ff]/.test(text)) for (const ch of text) bytes.push(ch.charCodeAt(0))
      else {
        flushBytes()
        say(text)
      }
    }
  }
  flushBytes()
  runs.flush()

  /** @returns where to go on */
  function control(at: number): number {
    const c = rtf[at] ?? ''
    if (c === "'") {
      const value = Number.parseInt(rtf.slice(at + 1, at + 3), 16)
      if (skip > 0) skip--
      else if (!Number.isNaN(value) && !group.table) bytes.push(value)
      return at + 3
    }
    if (!/[a-z]/i.test(c)) {
      if (c === '*') group.star = true
      else if (!group.table) {
        flushBytes()
        if (c === '~') say(' ')
        else if (c === '_') say('-')
        else if (c === '-') say(legacyOfFont(fontNow()?.name ?? '') === 'tcvn3' ? '\u00ad' : '')
        else if ('{}\\'.includes(c)) say(c)
        else if (c === '\n' || c === '\r') say('\n')
      }
      return at + 1
    }
    const found = /([a-z]{1,32})(-?\d{1,10})? ?/iy
    found.lastIndex = at
    const [whole, word = '', number] = found.exec(rtf) ?? ['', '', undefined]
    word !== 'u' && flushBytes()
    command(word, number === undefined ? undefined : Number(number))
    if (word === 'bin') return at + whole.length + Math.max(0, Number(number ?? 0))
    return at + Math.max(1, whole.length)
  }

  function command(word: string, n: number | undefined): void {
    if (group.star || hidden.has(word)) {
      group.star = false
      group.shown = false
      return
    }
    switch (word) {
      case 'fonttbl':
        group.table = true
        group.shown = false
        break
      case 'f':
        if (group.table) {
          defining = n ?? 0
          if (!fonts.has(defining) && fonts.size < 10_000) fonts.set(defining, { name: '' })
        } else group.font = n ?? 0
        break
      case 'fcharset': {
        const font = fonts.get(defining)
        const name = charsets[n ?? 0]
        if (group.table && font && name) font.page = name
        break
      }
      case 'plain':
        group.font = -1
        break
      case 'deff':
        defaultFont = n ?? 0
        break
      case 'ansicpg':
        if (n && [1250, 1251, 1252, 1254, 1258].includes(n)) page = `windows-${n}`
        break
      case 'uc':
        group.uc = Math.min(4, Math.max(0, n ?? 1))
        break
      case 'u':
        flushBytes()
        if (n !== undefined && !group.table) say(String.fromCharCode(n < 0 ? n + 65536 : n))
        skip = group.uc
        break
      case 'v':
        if (n !== 0) group.shown = false
        break
      case 'par':
      case 'line':
      case 'row':
      case 'page':
      case 'sect':
        say('\n')
        if (group.shown) runs.flush()
        break
      case 'tab':
      case 'cell':
        say('\t')
        break
      case 'emdash':
      case 'endash':
        say('–')
        break
      case 'lquote':
      case 'rquote':
        say("'")
        break
      case 'ldblquote':
      case 'rdblquote':
        say('"')
        break
    }
  }
}

/** An old font anywhere in the table of fonts, which stands at the beginning; Windows names fonts with 31 characters at most. */
const oldFonts = (rtf: string) =>
  legacyOfFont(/[ ]((?:\.Vn|VNI-)\w{1,31})[^;{}]{0,60};/.exec(rtf.slice(0, 64 * 1024))?.[1] ?? '')
