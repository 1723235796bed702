import { readFields } from '#mailserver/mime/fields.ts'
import type { Edit } from '../run/facts.ts'

/**
 * A message with its header edited (RFC 5293). Field numbers count the recipient's own lines first, which are not part of `raw`
 * and are never edited.
 * @param own octets of those lines
 */
export function edited(raw: Uint8Array, own: Uint8Array, edit: Edit): Buffer {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const first = readFields(Buffer.from(own), 0, own.length).length
  const end = headerEnd(octets)
  const gone = new Set(edit.without.map((n) => n - first).filter((n) => n >= 0))
  const kept: string[] = []
  let number = -1
  let dropping = false
  for (const line of octets.toString('latin1', 0, end).split(/(?<=\n)/)) {
    const folded = /^[ \t]/.test(line)
    if (!folded) {
      // the same lines count as fields as in readFields
      const isField = /^[!-9;-~]{1,200}[ \t]*:/.test(line)
      if (isField) number++
      dropping = isField && gone.has(number)
    }
    if (!dropping) kept.push(line)
  }
  return Buffer.concat([
    Buffer.from(edit.top),
    Buffer.from(kept.join(''), 'latin1'),
    Buffer.from(edit.bottom),
    octets.subarray(end),
  ])
}

/** Offset of the empty line, or the end. */
export function headerEnd(octets: Buffer): number {
  const crlf = octets.indexOf('\r\n\r\n')
  return crlf < 0 ? octets.length : crlf + 2
}
