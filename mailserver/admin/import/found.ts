/**
 * One message of a source, with CRLF at the end of its lines; or that it came before, with its octets; or why it is left out.
 * `key`: what it is known by at the next run, where the source has a name for it; else its octets are.
 */
export type FoundMessage =
  | { folder: string; raw: Buffer; flags: string[]; at: Date; where: string; key?: string }
  | { folder: string; known: number; where: string }
  | { skipped: string; where: string }

const LF = 10
const CR = 13

/** Every line end as CRLF: files of these formats have LF, messages have CRLF. */
export function withCrlf(octets: Buffer): Buffer {
  let bare = 0
  for (let at = octets.indexOf(LF); at !== -1; at = octets.indexOf(LF, at + 1)) if (octets[at - 1] !== CR) bare++
  if (bare === 0) return octets
  const out = Buffer.allocUnsafe(octets.length + bare)
  let to = 0
  let from = 0
  for (let at = octets.indexOf(LF); at !== -1; at = octets.indexOf(LF, at + 1)) {
    if (octets[at - 1] === CR) continue
    to += octets.copy(out, to, from, at)
    out[to++] = CR
    from = at
  }
  octets.copy(out, to, from)
  return out
}

/** The other way: every CRLF as LF. */
export function withLf(octets: Buffer): Buffer {
  const out = Buffer.allocUnsafe(octets.length)
  let to = 0
  let from = 0
  for (let at = octets.indexOf(CR); at !== -1; at = octets.indexOf(CR, at + 1)) {
    if (octets[at + 1] !== LF) continue
    to += octets.copy(out, to, from, at)
    from = at + 1
  }
  to += octets.copy(out, to, from)
  return out.subarray(0, to)
}

/** A keyword that every client can say (RFC 9051 §9, flag-keyword: ASCII, no specials); others are left out. */
export const isKeyword = (text: string): boolean => /^(?!\\)[!-~]{1,100}$/.test(text) && !/[(){}%*"\\\]]/.test(text)
