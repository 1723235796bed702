/** Strings with references in them: ${name}, ${1} (RFC 5229 §3), and ${hex: 40} of encoded-character (RFC 5228 §2.4.2.4). */
import { MAX_STRING } from '../limits.ts'
import { SieveFault } from './fault.ts'
import type { At } from './tree.ts'

export type Reference = { variable: string } | { match: number }
export type Template = { at: At; parts: readonly (string | Reference)[] }

const IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*'
const REFERENCE = new RegExp(`\\$\\{(?:(${IDENTIFIER}(?:\\.${IDENTIFIER})*)|([0-9]+))\\}`, 'g')
export const isVariableName = (name: string): boolean => new RegExp(`^${IDENTIFIER}$`).test(name)

/** What looks like a reference and is none stays as it is written (§3). Names are compared without regard to case. */
export function readTemplate(at: At, text: string): Template {
  const parts: (string | Reference)[] = []
  let from = 0
  for (const m of text.matchAll(REFERENCE)) {
    if (m.index > from) parts.push(text.slice(from, m.index))
    if (m[1] !== undefined) parts.push({ variable: m[1].toLowerCase() })
    else parts.push({ match: Number(m[2]) })
    from = m.index + m[0].length
  }
  if (from < text.length) parts.push(text.slice(from))
  return { at, parts }
}

export const constant = (at: At, text: string): Template => ({ at, parts: text === '' ? [] : [text] })

/** The text when nothing in it varies. */
export const constantOf = ({ parts }: Template): string | undefined =>
  parts.every((p) => typeof p === 'string') ? parts.join('') : undefined

export function expand({ parts }: Template, value: (of: Reference) => string): string {
  if (parts.length === 0) return ''
  if (parts.length === 1 && typeof parts[0] === 'string') return parts[0]
  let out = ''
  for (const part of parts) {
    out += typeof part === 'string' ? part : value(part)
    if (out.length > MAX_STRING) return out.slice(0, MAX_STRING)
  }
  return out
}

/** @throws SieveFault for a code that is no Unicode character (RFC 5228 §2.4.2.4: an error, not text) */
export function decodeCharacters(at: At, text: string): string {
  return text
    .replaceAll(/\$\{hex:\s*((?:[0-9a-f]{1,2}\s*?(?:\s|(?=\})))+)\}/gi, (_, codes: string) =>
      Buffer.from(
        codes
          .trim()
          .split(/\s+/)
          .map((c) => Number.parseInt(c, 16)),
      ).toString('utf8'),
    )
    .replaceAll(/\$\{unicode:\s*((?:[0-9a-f]{1,6}\s*?(?:\s|(?=\})))+)\}/gi, (_, codes: string) =>
      codes
        .trim()
        .split(/\s+/)
        .map((c) => character(at, Number.parseInt(c, 16)))
        .join(''),
    )
    .normalize('NFC')
}

function character(at: At, code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || code === 0)
    throw new SieveFault(
      at,
      `mã Unicode ${code.toString(16)} không phải là ký tự`,
      `${code.toString(16)} is no Unicode character`,
    )
  return String.fromCodePoint(code)
}
