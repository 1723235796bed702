import { decodeCharset } from '#mailserver/mime/charset.ts'
import { htmlText } from '#mailserver/mime/html.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import { undone } from '#mailserver/mime/text.ts'
import { readTree } from '#mailserver/mime/tree.ts'
import { MAX_BODY } from '../limits.ts'
import type { Facts } from './facts.ts'

/** base64 of letters of three octets, or markup of ten times its text */
const ENCODED = 4

/**
 * The texts that `body` compares (RFC 5173 §5), each at most MAX_BODY characters.
 * @param wanted types: "" all, "text" a family, "text/html" one
 */
export function bodyTexts(facts: Facts, wanted: 'raw' | 'text' | { types: readonly string[] }): string[] {
  if (!facts.raw) return []
  const raw = Buffer.from(facts.raw.buffer, facts.raw.byteOffset, facts.raw.byteLength)
  const { root } = readTree(raw)
  if (wanted === 'raw') return [raw.toString('utf8', root.bodyStart, Math.min(raw.length, root.bodyStart + MAX_BODY))]
  const texts: string[] = []
  let room = MAX_BODY
  const visit = (part: MimePart): void => {
    if (room <= 0) return
    const type = wanted === 'text' ? part.type.startsWith('text/') : wanted.types.some((t) => isOf(part.type, t))
    if (type && (wanted === 'text' || !part.type.startsWith('multipart/'))) {
      const end = Math.min(part.bodyEnd, part.bodyStart + room * ENCODED)
      const octets = undone(raw.subarray(part.bodyStart, end), part.encoding)
      const text = decodeCharset(octets, part.parameters['charset'] ?? '').slice(0, room)
      const shown = wanted === 'text' && part.type === 'text/html' ? htmlText(text) : text
      texts.push(shown)
      room -= shown.length
    }
    for (const child of part.children) visit(child)
  }
  visit(root)
  return texts
}

function isOf(type: string, wanted: string): boolean {
  const name = wanted.toLowerCase()
  return name === '' || name === type || (!name.includes('/') && type.startsWith(`${name}/`))
}
