/** Structured fields: Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183), with RFC 2231 names. */
import { decodeCharset } from '#mailserver/mime/charset.ts'
import { bare } from '#mailserver/mime/fields.ts'
import { MAX_PARAMETER_OCTETS, MAX_PARAMETERS } from '#mailserver/mime/limits.ts'
import { decodeWords } from '#mailserver/mime/words.ts'

export type Parameterised = {
  /** lower case: "text/plain", "attachment" */
  value: string
  /** as written, names in lower case, in order: what BODYSTRUCTURE shows, since clients undo RFC 2231 themselves */
  pairs: readonly (readonly [name: string, value: string])[]
  /** continuations joined, charsets and encoded words undone */
  decoded: Record<string, string>
}

export function readParameterised(binary: string): Parameterised {
  const semicolon = binary.indexOf(';')
  const head = semicolon < 0 ? binary : binary.slice(0, semicolon)
  const pairs = semicolon < 0 ? [] : readPairs(binary.slice(semicolon + 1))
  const type = head.includes('(') ? head.replaceAll(/\([^()]*\)/g, '') : head
  const value = type.split('/').map(bare).join('/').toLowerCase()
  return { value, pairs, decoded: join(pairs) }
}

/** `name=value` separated by semicolons; a value is a token or a quoted string, and comments are skipped. */
function readPairs(text: string): [string, string][] {
  const pairs: [string, string][] = []
  let at = 0
  while (at < text.length && pairs.length < MAX_PARAMETERS) {
    const equals = text.indexOf('=', at)
    if (equals < 0) break
    const before = text.slice(at, equals).replaceAll(/\([^()]*\)|[ \t\r\n]/g, '')
    const name = before.slice(before.lastIndexOf(';') + 1).toLowerCase() // a word without a value is no parameter
    at = equals + 1
    while (text[at] === ' ' || text[at] === '\t') at++
    let value = ''
    if (text[at] === '"') {
      at++
      const start = at
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
      value = text.slice(start, at).replaceAll(/\\(.)/g, '$1')
      const next = text.indexOf(';', at)
      at = next < 0 ? text.length : next + 1
    } else {
      const next = text.indexOf(';', at)
      value = uncommented(text.slice(at, next < 0 ? text.length : next))
      at = next < 0 ? text.length : next + 1
    }
    if (/^[!-~]{1,80}$/.test(name)) pairs.push([name, value.slice(0, MAX_PARAMETER_OCTETS)])
  }
  return pairs
}

/** Comments may stand before and behind a token (RFC 2045 §5.1 has one after charset); one that never ends takes the rest. */
function uncommented(value: string): string {
  if (!value.includes('(')) return bare(value)
  const without = value.replaceAll(/\([^()]*\)/g, '')
  const comment = without.indexOf('(')
  return bare(comment < 0 ? without : without.slice(0, comment))
}

/** RFC 2231 §3–4: `name*`, `name*0`, `name*1*`; the plain form otherwise. The extended form wins over the plain one. */
function join(pairs: readonly [string, string][]): Record<string, string> {
  const plain = new Map<string, string>()
  const pieces = new Map<string, { index: number; encoded: boolean; text: string }[]>()
  for (const [name, value] of pairs) {
    const m = /^([^*]+)\*(?:(\d{1,3})(\*?))?$/.exec(name)
    if (!m) {
      if (!plain.has(name)) plain.set(name, decodeWords(value))
      continue
    }
    const base = m[1]!
    const list = pieces.get(base) ?? []
    list.push({ index: Number(m[2] ?? 0), encoded: m[2] === undefined || m[3] === '*', text: value })
    pieces.set(base, list)
  }
  for (const [base, list] of pieces) plain.set(base, joinPieces(list.sort((a, b) => a.index - b.index)))
  plain.delete('__proto__') // a plain object takes that name for its prototype
  return Object.fromEntries(plain)
}

function joinPieces(list: readonly { encoded: boolean; text: string }[]): string {
  const first = list[0]!
  const label = first.encoded ? /^([^']*)'[^']*'/.exec(first.text) : null
  const octets = list.map(({ encoded, text }, i) => {
    const rest = i === 0 && label ? text.slice(label[0].length) : text
    const plain = encoded
      ? rest.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      : rest
    return Buffer.from(plain, 'latin1')
  })
  return decodeCharset(Buffer.concat(octets), label?.[1] ?? '').slice(0, MAX_PARAMETER_OCTETS)
}
