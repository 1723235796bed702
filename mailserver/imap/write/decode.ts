/** Undoes base64 and quoted-printable piece by piece (RFC 2045 §6.7, §6.8), for BINARY (RFC 9051 §6.4.5). */

/** @returns undefined when the encoding is not one that exists: NO [UNKNOWN-CTE] */
export function decoder(encoding: string): ((pieces: Iterable<Uint8Array>) => Iterable<Uint8Array>) | undefined {
  switch (encoding) {
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return (pieces) => pieces
    case 'base64':
      return base64
    case 'quoted-printable':
      return quotedPrintable
    default:
      return undefined
  }
}

function* base64(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let rest = ''
  for (const piece of pieces) {
    const text =
      rest +
      Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        .toString('latin1')
        .replaceAll(/[^A-Za-z0-9+/=]/g, '')
    const pad = text.indexOf('=')
    const usable = pad === -1 ? text.length & ~3 : Math.min((pad + 3) & ~3, text.length)
    if (usable) yield Buffer.from(text.slice(0, usable), 'base64')
    if (pad !== -1) return // what follows the padding is no part of it
    rest = text.slice(usable)
  }
  if (rest) yield Buffer.from(rest, 'base64')
}

const hex = (c: number) =>
  c >= 48 && c <= 57 ? c - 48 : c >= 65 && c <= 70 ? c - 55 : c >= 97 && c <= 102 ? c - 87 : -1
/** A quoted-printable line has 76 characters; a run of blanks longer than this is kept rather than held back. */
const maxHeldBack = 1_000

function* quotedPrintable(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let carry: Buffer = Buffer.alloc(0)
  for (const piece of pieces) {
    const all = carry.length ? Buffer.concat([carry, piece]) : Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    // Blanks at the end of a line and a "=" whose two digits are not here yet wait for the next piece.
    let end = all.length
    while (
      end > 0 &&
      all.length - end < maxHeldBack &&
      (all[end - 1] === 32 || all[end - 1] === 9 || all[end - 1] === 13)
    )
      end--
    for (let back = 1; back <= 2; back++) if (end >= back && all[end - back] === 61) end -= back
    carry = Buffer.from(all.subarray(end))
    yield unquote(all.subarray(0, end), false)
  }
  if (carry.length) yield unquote(carry, true)
}

function unquote(octets: Buffer, last: boolean): Buffer {
  const out = Buffer.alloc(octets.length)
  let size = 0
  for (let at = 0; at < octets.length; at++) {
    const c = octets[at]!
    if (c === 61) {
      const [high, low] = [hex(octets[at + 1] ?? 0), hex(octets[at + 2] ?? 0)]
      if (high >= 0 && low >= 0) {
        out[size++] = high * 16 + low
        at += 2
        continue
      }
      let next = at + 1
      while (octets[next] === 32 || octets[next] === 9 || octets[next] === 13) next++
      if (octets[next] === 10 || (last && next === octets.length)) {
        at = next // a soft line break
        continue
      }
    } else if (c === 32 || c === 9) {
      let next = at + 1
      while (octets[next] === 32 || octets[next] === 9) next++
      const ends =
        octets[next] === 10 || (octets[next] === 13 && octets[next + 1] === 10) || (last && next === octets.length)
      if (ends) {
        at = next - 1 // blanks before a line end were added on the way
        continue
      }
    }
    out[size++] = c
  }
  return out.subarray(0, size)
}
