import { MAX_FILES } from '#kit/message/contract.ts'
import type { Field, Parameterised } from '#kit/message/header.ts'
import { broken, decoded, parameterised, readHeader, single } from '#kit/message/header.ts'

export type MimeNode = {
  fields: readonly Field[]
  type: string
  params: Readonly<Record<string, string>>
  disposition?: Parameterised
  /** decoded octets of a leaf; empty for a multipart */
  content: Buffer
  children: readonly MimeNode[]
}

/** Ours are mixed and, inside, alternative. */
const MAX_NESTING = 2
/** alternative, its two texts, the data part, and the files */
const MAX_PARTS = MAX_FILES + 4

/**
 * Splits a message of our own form, strictly: RFC 2046 multiparts with nothing before the first and after the last
 * boundary, known transfer encodings, octets that decode without rest. Two readings of one message are an attack.
 *
 * @throws Refusal 422
 */
export function readMime(raw: Uint8Array): MimeNode {
  return node(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), 0, { left: MAX_PARTS })
}

function node(raw: Buffer, depth: number, budget: { left: number }): MimeNode {
  if (budget.left-- <= 0) throw broken(`more than ${MAX_PARTS} parts`)
  const { fields, bodyStart } = readHeader(raw)
  const { value: type, params } = parameterised(single(fields, 'Content-Type') ?? 'text/plain', 'Content-Type')
  const dispositionField = single(fields, 'Content-Disposition')
  const encoding = (single(fields, 'Content-Transfer-Encoding') ?? '7bit').toLowerCase()
  const body = raw.subarray(bodyStart)
  const head = {
    fields,
    type,
    params,
    ...(dispositionField === undefined ? {} : { disposition: parameterised(dispositionField, 'Content-Disposition') }),
  }
  if (!type.startsWith('multipart/')) return { ...head, content: undone(body, encoding), children: [] }
  if (depth >= MAX_NESTING) throw broken('multiparts nested too deeply')
  if (!/^(7bit|8bit)$/.test(encoding)) throw broken(`multipart with transfer encoding ${encoding}`)
  return {
    ...head,
    content: Buffer.alloc(0),
    children: split(body, params['boundary']).map((part) => node(part, depth + 1, budget)),
  }
}

/** RFC 2046 §5.1.1 */
function split(body: Buffer, boundary: string | undefined): Buffer[] {
  if (!boundary || boundary.length > 70 || !/^[0-9A-Za-z'()+_,./:=? -]*[0-9A-Za-z'()+_,./:=?-]$/.test(boundary))
    throw broken('no usable boundary')
  const parts: Buffer[] = []
  let partStart = -1
  for (let lineStart = 0; lineStart <= body.length; ) {
    const lineEnd = body.indexOf('\r\n', lineStart)
    const line = body.subarray(lineStart, lineEnd < 0 ? body.length : lineEnd)
    const kind = boundaryLine(line, boundary)
    if (kind) {
      if (partStart >= 0) parts.push(body.subarray(partStart, Math.max(partStart, lineStart - 2)))
      else if (blankUntil(body, 0, lineStart)) partStart = 0
      else throw broken('text before the first part')
      if (parts.length > MAX_PARTS) throw broken(`more than ${MAX_PARTS} parts`)
      if (kind === 'close') {
        if (lineEnd >= 0 && !blankUntil(body, lineEnd, body.length)) throw broken('text after the last part')
        if (parts.length === 0) throw broken('multipart without parts')
        return parts
      }
      partStart = lineEnd + 2
    }
    if (lineEnd < 0) break
    lineStart = lineEnd + 2
  }
  throw broken('multipart is not closed')
}

function boundaryLine(line: Buffer, boundary: string): 'open' | 'close' | undefined {
  if (line[0] !== 0x2d || line[1] !== 0x2d || line.length > boundary.length + 80) return undefined
  const text = line.toString('latin1').trimEnd()
  return text === `--${boundary}` ? 'open' : text === `--${boundary}--` ? 'close' : undefined
}

function blankUntil(body: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!' \t\r\n'.includes(String.fromCharCode(body[i]!))) return false
  return true
}

function undone(body: Buffer, encoding: string): Buffer {
  switch (encoding) {
    case '7bit':
    case '8bit':
      return body
    case 'base64': {
      const text = body.toString('latin1').replaceAll(/[\r\n \t]+/g, '')
      const octets = Buffer.from(text, 'base64')
      // Buffer.from skips what is not base64; a part that does not come back the same hides something
      if (octets.toString('base64') !== text) throw broken('base64 that does not decode cleanly')
      return octets
    }
    case 'quoted-printable': {
      const text = body
        .toString('latin1')
        .replaceAll(/(?<![ \t])[ \t]+(?=\r\n|$)/g, '')
        .replaceAll(/=\r\n/g, '')
      if (/=(?![0-9A-Fa-f]{2})/.test(text)) throw broken('quoted-printable that does not decode cleanly')
      return Buffer.from(
        text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      )
    }
    default:
      throw broken(`transfer encoding ${encoding}`)
  }
}

/** NFC; empty when the part has no name. RFC 2231 form first, as mail programs do. */
export function fileName(part: MimeNode): string {
  return decoded(part.disposition?.params['filename'] ?? part.params['name'] ?? '')
}
