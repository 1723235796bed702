/**
 * Messages as POP3 sends them (RFC 1939 §3): every line ended by CRLF, a dot before a line's first dot, and a line with a dot
 * alone behind the last. Works on pieces of any size, and copies only where an octet has to be put in.
 */
const LF = 10
const CR = 13
const DOT = 46
const dot = Buffer.from('.')
const crlf = Buffer.from('\r\n')
const stuffedEnd = Buffer.from('.\r\n')

/** @param pieces octets of a message, cut anywhere */
export function* transmitted(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let before = LF // a message begins with a line
  for (const piece of pieces) {
    let from = 0 // begin of what has not been given out
    if (before === LF && piece[0] === DOT) yield dot
    for (let at = piece.indexOf(LF); at !== -1; at = piece.indexOf(LF, at + 1)) {
      const previous = at === 0 ? before : piece[at - 1]
      if (previous !== CR) {
        if (at > from) yield piece.subarray(from, at)
        yield crlf
        from = at + 1
      }
      if (piece[at + 1] === DOT) {
        if (at + 1 > from) yield piece.subarray(from, at + 1)
        yield dot
        from = at + 1
      }
    }
    if (from < piece.length) yield piece.subarray(from)
    before = piece.at(-1) ?? before
  }
  if (before !== LF) yield crlf
  yield stuffedEnd
}

/** The header, the empty line, and `lines` lines of the body (RFC 1939 §7, TOP); the rest is not read. */
export function* top(pieces: Iterable<Uint8Array>, lines: number): Generator<Uint8Array> {
  let inBody = false
  let left = lines
  let empty = true // nothing but perhaps a CR in this line so far
  for (const piece of pieces) {
    let from = 0
    for (let at = piece.indexOf(LF); at !== -1; at = piece.indexOf(LF, from)) {
      if (inBody) left--
      else inBody = empty && isEmpty(piece, from, at)
      empty = true
      from = at + 1
      if (inBody && left <= 0) {
        yield piece.subarray(0, from)
        return
      }
    }
    empty &&= isEmpty(piece, from, piece.length)
    yield piece
  }
}

const isEmpty = (piece: Uint8Array, from: number, to: number): boolean =>
  from === to || (to - from === 1 && piece[from] === CR)
