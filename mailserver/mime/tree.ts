/**
 * The parts of a message by their offsets: one pass over the octets, line by line, with a stack of open parts. Boundaries
 * are looked up by name, so nesting costs nothing per line. Lines end with CRLF or a bare LF.
 */
import type { Field } from '#mailserver/mime/fields.ts'
import { bare, fieldOf, readFields } from '#mailserver/mime/fields.ts'
import { MAX_BOUNDARY, MAX_NESTING, MAX_PARTS } from '#mailserver/mime/limits.ts'
import type { Parameterised } from '#mailserver/mime/parameters.ts'
import { readParameterised } from '#mailserver/mime/parameters.ts'
import type { MimePart } from '#mailserver/mime/part.ts'

/** What a part's header says beyond `MimePart`, for ENVELOPE and BODYSTRUCTURE. */
export type PartHeader = { fields: readonly Field[]; type: Parameterised; disposition?: Parameterised }
export type Tree = {
  root: MimePart
  headers: ReadonlyMap<MimePart, PartHeader>
  /** octets to be added for every line to end with CRLF; an empty message needs none */
  lineExtra: number
}

type Open = {
  part: MimePart
  inHeader: boolean
  /** line number of the body's first line */
  bodyLine: number
  /** delimiter of its children, while it has one, and what the same name meant outside */
  boundary?: string
  outer?: number
  digest: boolean
  /** what it is when its header does not say (RFC 2046 §5.1.5) */
  fallback: 'text/plain' | 'message/rfc822'
}

/** @returns the tree; `number` of the message inside a message/rfc822 part is that part's own */
export function readTree(raw: Buffer): Tree {
  const headers = new Map<MimePart, PartHeader>()
  const stack: Open[] = []
  const delimiters = new Map<string, number>()
  let count = 0
  let line = 0
  let lineExtra = 0

  function open(number: string, at: number, fallback: Open['fallback']): void {
    count++
    const part: MimePart = {
      number,
      type: fallback,
      parameters: {},
      encoding: '7bit',
      headerStart: at,
      headerEnd: at,
      bodyStart: at,
      bodyEnd: at,
      lines: 0,
      children: [],
    }
    stack.at(-1)?.part.children.push(part)
    stack.push({ part, inHeader: true, bodyLine: line, digest: false, fallback })
  }

  /** The header is complete: learn what the part is and what may be inside. */
  function begin(top: Open, at: number): void {
    const { part } = top
    top.inHeader = false
    top.bodyLine = line
    part.headerEnd = part.bodyStart = part.bodyEnd = at
    const header = describe(part, readFields(raw, part.headerStart, at), top.fallback)
    headers.set(part, header)
    const room = count < MAX_PARTS && stack.length < MAX_NESTING
    if (part.type.startsWith('multipart/')) {
      const boundary = boundaryOf(header.type)
      if (!room) return
      top.digest = part.type === 'multipart/digest'
      top.boundary = boundary
      const outer = delimiters.get(boundary)
      if (outer !== undefined) top.outer = outer
      delimiters.set(boundary, stack.length - 1)
    } else if (isMessage(part) && room) {
      open(part.number, at, 'text/plain')
    }
  }

  function close(top: Open, end: number, endLine: number): void {
    if (top.inHeader) begin(top, Math.max(top.part.headerStart, end))
    // begin() of a message part opens what is inside it; that is empty here and closes at the same place
    while (stack.at(-1) !== top) close(stack.at(-1)!, end, endLine)
    stack.pop()
    const { part } = top
    part.bodyEnd = Math.max(part.bodyStart, end)
    part.lines = part.bodyEnd > part.bodyStart ? Math.max(0, endLine - top.bodyLine) : 0
    endParts(top)
  }

  function endParts(top: Open): void {
    if (top.boundary === undefined) return
    if (top.outer === undefined) delimiters.delete(top.boundary)
    else delimiters.set(top.boundary, top.outer)
    delete top.boundary
  }

  /** Too many parts: what follows is nobody's, and is still in the message's own text. */
  function endAllParts(): void {
    for (const o of stack) delete o.boundary
    delimiters.clear()
  }

  open('', 0, 'text/plain')
  const length = raw.length
  for (let at = 0; at < length; ) {
    const lf = raw.indexOf(10, at)
    const whole = lf !== -1
    const next = whole ? lf + 1 : length
    let end = whole ? lf : length
    if (raw[end - 1] !== 13) lineExtra += whole ? 1 : 2
    else if (end > at) {
      end--
      if (!whole) lineExtra += 2
    }

    const found =
      raw[at] === 45 && raw[at + 1] === 45 && delimiters.size > 0
        ? delimiterAt(raw, at + 2, end, delimiters)
        : undefined
    if (found) {
      // The line break before a delimiter belongs to it (RFC 2046 §5.1.1).
      let before = at
      if (raw[before - 1] === 10) before -= raw[before - 2] === 13 ? 2 : 1
      while (stack.length - 1 > found.depth) close(stack.at(-1)!, before, line - 1)
      if (whole) line++
      const parent = stack[found.depth]!
      if (found.last) endParts(parent)
      else if (count < MAX_PARTS) open(childNumber(parent.part), next, parent.digest ? 'message/rfc822' : 'text/plain')
      else endAllParts()
    } else {
      if (whole) line++
      const top = stack.at(-1)!
      if (top.inHeader && end === at) begin(top, next)
    }
    at = next
  }
  const root = stack[0]!.part
  while (stack.length > 0) close(stack.at(-1)!, length, line)
  return { root, headers, lineExtra }
}

export function isMessage(part: MimePart): boolean {
  return part.type === 'message/rfc822' || part.type === 'message/global'
}

function childNumber(parent: MimePart): string {
  const n = String(parent.children.length + 1)
  return parent.number === '' ? n : `${parent.number}.${n}`
}

/**
 * Which boundary a line is, by its octets behind the two dashes. "It is sufficient that the boundary appear in its entirety" at the
 * line's beginning (RFC 2046 §5.1.1); of several that do, the longest is meant, so that one may begin with another.
 */
function delimiterAt(
  raw: Buffer,
  from: number,
  end: number,
  known: ReadonlyMap<string, number>,
): { depth: number; last: boolean } | undefined {
  const text = raw.toString('latin1', from, Math.min(end, from + MAX_BOUNDARY + 2))
  const whole = text.trimEnd()
  const exact = known.get(whole)
  if (exact !== undefined) return { depth: exact, last: false }
  const closing = whole.endsWith('--') ? known.get(whole.slice(0, -2)) : undefined
  if (closing !== undefined) return { depth: closing, last: true }
  let best: string | undefined
  for (const boundary of known.keys())
    if (boundary.length > (best?.length ?? 0) && text.startsWith(boundary)) best = boundary
  return best === undefined ? undefined : { depth: known.get(best)!, last: text.startsWith('--', best.length) }
}

/** As written, since it is compared with octets; RFC 2231 continuations only when there is no plain form. */
function boundaryOf(type: Parameterised): string {
  return (type.pairs.find(([name]) => name === 'boundary')?.[1] ?? type.decoded['boundary'] ?? '').trimEnd()
}

/** A token (RFC 2045 §6.1); comments, quotes and what stands behind it are left out. */
function encodingOf(value = '7bit'): string {
  const [token = ''] = bare(value.replaceAll(/\([^()]*\)|["]/g, '')).split(/[ \t;]/, 1)
  return /^[!-~]{1,40}$/.test(token) ? token.toLowerCase() : '7bit'
}

/** Fills in what the header says. What cannot be read is text/plain (RFC 2045 §5.2) or octets. */
function describe(part: MimePart, fields: readonly Field[], fallback: string): PartHeader {
  const written = fieldOf(fields, 'content-type')
  let type = readParameterised(written ?? fallback)
  if (!/^[!#-'*+.0-9^-~a-z-]{1,80}\/[!#-'*+.0-9^-~a-z-]{1,80}$/.test(type.value))
    type = { ...type, value: 'text/plain' }
  part.encoding = encodingOf(fieldOf(fields, 'content-transfer-encoding'))
  const boundary = boundaryOf(type)
  if (type.value.startsWith('multipart/') && (boundary === '' || boundary.length > MAX_BOUNDARY))
    type = { ...type, value: 'text/plain' }
  // An encoded message cannot be looked into by offsets; for readers it is a file.
  if (/^message\/(rfc822|global)$/.test(type.value) && /^(base64|quoted-printable)$/.test(part.encoding))
    type = { ...type, value: 'application/octet-stream' }
  part.type = type.value
  part.parameters = type.decoded
  const shown = fieldOf(fields, 'content-disposition')
  const disposition = shown === undefined ? undefined : readParameterised(shown)
  if (disposition?.value) part.disposition = disposition.value
  const filename = disposition?.decoded['filename'] ?? type.decoded['name']
  if (filename) part.filename = filename
  const id = fieldOf(fields, 'content-id')?.replace(/^<|>$/g, '').trim()
  if (id) part.contentId = id
  return { fields, type, ...(disposition?.value ? { disposition } : {}) }
}
