/** Words of RFC 5228 §8.1. One pass, no look-back; a bare LF ends a line like CRLF, and both are kept as CRLF in strings. */
import { SieveFault } from './fault.ts'
import type { At } from './tree.ts'

export type Token = { at: At } & (
  | { kind: 'word' | 'tag' | 'string'; text: string }
  | { kind: 'number'; value: number }
  | { kind: '(' | ')' | '{' | '}' | '[' | ']' | ',' | ';' }
  | { kind: 'end' }
)

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /([0-9]+)([KMG]?)(?![A-Za-z0-9_])/iy
const SPACE = /[ \t\r]+/y
const MULTILINE = /text:[ \t]*(?:#[^\r\n]*)?(?:\r?\n)/iy
const powers: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

/** @throws SieveFault for what is no word */
export function* tokens(text: string): Generator<Token> {
  let at = 0
  let line = 1
  let lineStart = 0
  const here = (): At => ({ line, column: at - lineStart + 1 })
  const matched = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  /** moves on over `taken`, which may hold line ends */
  const pass = (taken: string) => {
    for (let lf = taken.indexOf('\n'); lf >= 0; lf = taken.indexOf('\n', lf + 1)) {
      line++
      lineStart = at + lf + 1
    }
    at += taken.length
  }

  while (at < text.length) {
    const c = text[at]!
    const start = here()
    if (c === '\n') pass(c)
    else if (c === ' ' || c === '\t' || c === '\r') pass(matched(SPACE)![0])
    else if (c === '#') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (c === '/' && text[at + 1] === '*') {
      const end = text.indexOf('*/', at + 2)
      if (end < 0) throw new SieveFault(start, 'chú thích chưa được đóng bằng */', 'the comment is not closed by */')
      pass(text.slice(at, end + 2))
    } else if (c === '"') {
      const end = quotedEnd(text, at)
      if (end < 0) throw new SieveFault(start, 'chuỗi chưa được đóng bằng dấu "', 'the string is not closed')
      const written = text.slice(at, end + 1)
      yield { kind: 'string', at: start, text: clean(start, written.slice(1, -1).replaceAll(/\\(.)/gs, '$1')) }
      pass(written)
    } else if (c === ':') {
      at++
      const word = matched(WORD)
      if (!word) throw new SieveFault(start, 'sau dấu ":" phải là một tên', 'a name must follow ":"')
      at += word[0].length
      yield { kind: 'tag', at: start, text: word[0].toLowerCase() }
    } else if ('(){}[],;'.includes(c)) {
      at++
      yield { kind: c as '(', at: start }
    } else if (c >= '0' && c <= '9') {
      const number = matched(NUMBER)
      const value = number ? Number(number[1]) * powers[number[2]!.toUpperCase()]! : Number.NaN
      if (!number || !Number.isSafeInteger(value))
        throw new SieveFault(start, 'không phải một số hợp lệ (1, 2K, 3M, 4G)', 'not a number (1, 2K, 3M, 4G)')
      at += number[0].length
      yield { kind: 'number', at: start, value }
    } else {
      const multi = matched(MULTILINE)
      if (multi) {
        pass(multi[0])
        const end = multilineEnd(text, at)
        if (!end)
          throw new SieveFault(
            start,
            'thiếu dòng chỉ có dấu "." để kết thúc text:',
            'no line with a single "." ends text:',
          )
        const body = text.slice(at, end.from).replaceAll(/^\.(?=\.)/gm, '')
        pass(text.slice(at, end.to))
        yield { kind: 'string', at: start, text: clean(start, body) }
        continue
      }
      const word = matched(WORD)
      if (!word) {
        const shown = String.fromCodePoint(text.codePointAt(at)!)
        throw new SieveFault(
          start,
          `ký tự không hợp lệ: ${JSON.stringify(shown)}`,
          `unexpected character ${JSON.stringify(shown)}`,
        )
      }
      at += word[0].length
      yield { kind: 'word', at: start, text: word[0].toLowerCase() }
    }
  }
  yield { kind: 'end', at: here() }
}

/** @returns offset of the closing quote, or -1 */
function quotedEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '"') return i
  }
  return -1
}

function multilineEnd(text: string, start: number): { from: number; to: number } | undefined {
  for (let at = start; at < text.length; ) {
    const lf = text.indexOf('\n', at)
    const end = lf < 0 ? text.length : lf
    const line = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end)
    if (line === '.') return { from: at, to: lf < 0 ? text.length : lf + 1 }
    if (lf < 0) return undefined
    at = lf + 1
  }
  return undefined
}

/** NFC, as headers are compared; no NUL (§8.1). */
function clean(at: At, text: string): string {
  if (text.includes('\0')) throw new SieveFault(at, 'chuỗi có ký tự NUL', 'the string holds a NUL')
  return text.replaceAll(/\r?\n/g, '\r\n').normalize('NFC')
}
