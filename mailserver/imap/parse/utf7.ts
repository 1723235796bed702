/** Modified UTF-7 (RFC 3501 §5.1.3): mailbox names on the wire of clients that did not enable IMAP4rev2 or UTF8. */

/** @returns undefined when the text is not modified UTF-7 */
export function decodeUtf7(text: string): string | undefined {
  let out = ''
  for (let at = 0; at < text.length; ) {
    const shift = text.indexOf('&', at)
    if (shift === -1) return out + text.slice(at)
    out += text.slice(at, shift)
    const end = text.indexOf('-', shift)
    if (end === -1) return undefined
    const inside = text.slice(shift + 1, end)
    if (inside === '') out += '&'
    else {
      if (!/^[A-Za-z0-9+,]+$/.test(inside)) return undefined
      const octets = Buffer.from(inside.replaceAll(',', '/'), 'base64')
      if (octets.length < 2) return undefined
      const units = octets
        .subarray(0, octets.length & ~1)
        .swap16()
        .toString('utf16le')
      if (!units.isWellFormed()) return undefined
      out += units
    }
    at = end + 1
  }
  return out
}

export function encodeUtf7(text: string): string {
  return text.replaceAll(/&|[^\x20-\x7e]+/g, (run) =>
    run === '&'
      ? '&-'
      : `&${Buffer.from(run, 'utf16le')
          .swap16()
          .toString('base64')
          .replaceAll('/', ',')
          .replace(/={1,2}$/, '')}-`,
  )
}
