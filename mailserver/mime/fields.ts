/** Header fields (RFC 5322 §2.2) as they stand, one character an octet: nothing decoded, nothing lost. */
import { MAX_HEADER_OCTETS } from '#mailserver/mime/limits.ts'

export type Field = {
  /** lower case */
  name: string
  /** as written */
  written: string
  /** unfolded, without the space around it; NULs and line breaks removed */
  value: string
}

/**
 * The fields between two offsets (the header with or without its empty line). Lines that are no field are skipped, bare
 * LF ends a line like CRLF, and at most `MAX_HEADER_OCTETS` are read.
 */
export function readFields(raw: Buffer, from: number, to: number): Field[] {
  const text = raw.toString('latin1', from, Math.min(to, from + MAX_HEADER_OCTETS))
  const fields: Field[] = []
  for (let at = 0; at < text.length; ) {
    let end = lineEnd(text, at)
    const start = at
    while (end < text.length && (text[end] === ' ' || text[end] === '\t')) end = lineEnd(text, end)
    at = end
    const colon = text.indexOf(':', start)
    if (colon < 0) break
    if (colon >= end) continue
    const written = text.slice(start, colon).trimEnd()
    if (!/^[!-9;-~]{1,200}$/.test(written)) continue
    fields.push({
      name: written.toLowerCase(),
      written,
      value: bare(text.slice(colon + 1, end).replaceAll(/[\r\n\0]+/g, '')),
    })
  }
  return fields
}

/**
 * Without the white space of RFC 5322 around it. `trim()` would also take the octet A0, which ends "à" in UTF-8: in this form
 * each octet is a character.
 */
export function bare(binary: string): string {
  let from = 0
  let to = binary.length
  while (from < to && isBlank(binary.charCodeAt(from))) from++
  while (to > from && isBlank(binary.charCodeAt(to - 1))) to--
  return binary.slice(from, to)
}

const isBlank = (c: number): boolean => c === 32 || c === 9 || c === 13 || c === 10

function lineEnd(text: string, from: number): number {
  const lf = text.indexOf('\n', from)
  return lf < 0 ? text.length : lf + 1
}

/** The first of this name, as mail programs take it. */
export function fieldOf(fields: readonly Field[], name: string): string | undefined {
  return fields.find((f) => f.name === name)?.value
}
