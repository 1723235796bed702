/** Encoded words (RFC 2047) in a field whose octets are one character each. */
import { decodeCharset, guessBinary } from '#mailserver/mime/charset.ts'

/** Charset (with a language, RFC 2231 §5), encoding, text. Programs put spaces and 8-bit octets into the text; so be it. */
const word = /=\?([^?*\s]{1,60})(?:\*[^?\s]{0,60})?\?([bq])\?([^?]*)\?=/gi

/** @returns Unicode, NFC; what is not an encoded word is guessed (RFC 6532 or raw 8-bit) */
export function decodeWords(binary: string): string {
  if (!binary.includes('=?')) return guessBinary(binary).normalize('NFC')
  let out = ''
  let at = 0
  let run: { charset: string; octets: Buffer[] } | undefined
  const flush = () => {
    if (run) out += decodeCharset(Buffer.concat(run.octets), run.charset)
    run = undefined
  }
  for (const m of binary.matchAll(word)) {
    const between = binary.slice(at, m.index)
    const charset = m[1]!.toLowerCase()
    const octets = m[2]!.toLowerCase() === 'b' ? Buffer.from(m[3]!, 'base64') : quoted(m[3]!)
    at = m.index + m[0].length
    // White space between two words is not text (§6.2); a letter may be cut in two by neighbouring words.
    if (run && /^[ \t\r\n]*$/.test(between) && run.charset === charset) {
      run.octets.push(octets)
      continue
    }
    const adjacent = run !== undefined && /^[ \t\r\n]*$/.test(between)
    flush()
    if (!adjacent) out += guessBinary(between)
    run = { charset, octets: [octets] }
  }
  flush()
  return (out + guessBinary(binary.slice(at))).normalize('NFC')
}

/** The Q encoding (§4.2): underscore is a space. */
function quoted(text: string): Buffer {
  const plain = text
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1')
}
