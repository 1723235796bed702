/** The little that the control API must know of a message's octets. Pure. */

/** Enough for any header that we or the edge accept. */
const headerLimit = 1024 * 1024

/** Unfolded value of the first field of that name, or undefined. Octets are read as UTF-8 (RFC 6532). */
export function headerField(raw: Uint8Array, name: string): string | undefined {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, headerLimit))
  const end = bytes.indexOf('\r\n\r\n')
  const header = bytes.subarray(0, end === -1 ? bytes.length : end).toString('utf8')
  for (const field of header.split(/\r\n(?![ \t])/)) {
    const colon = field.indexOf(':')
    if (colon > 0 && field.slice(0, colon).trim().toLowerCase() === name.toLowerCase())
      return field
        .slice(colon + 1)
        .replaceAll(/\r\n/g, '')
        .trim()
  }
  return undefined
}

/** Without angle brackets. */
export function messageIdOf(raw: Uint8Array): string | undefined {
  const value = headerField(raw, 'Message-ID')
  return value === undefined ? undefined : (/<([^<>\s]+)>/.exec(value)?.[1] ?? value)
}

export function isAscii(text: string): boolean {
  return !/[^\x00-\x7f]/.test(text)
}

export function hasEightBit(raw: Uint8Array): boolean {
  return raw.some((octet) => octet > 127)
}

/**
 * A recipient's own header lines (RFC 5321 §4.4 Return-Path; Delivered-To ends forwarding loops), CRLF-ended. What came from
 * a stranger loses its control characters and angle brackets, so it cannot end its line.
 */
export function deliveryPrefix({ from, to, spam = false }: { from: string; to: string; spam?: boolean }): Buffer {
  const clean = (address: string) => address.replaceAll(/[\p{Cc}<>]/gu, '').slice(0, 400)
  const lines = [`Return-Path: <${clean(from)}>`, `Delivered-To: ${clean(to)}`]
  if (spam) lines.push('X-Spam-Flag: YES')
  return Buffer.from(`${lines.join('\r\n')}\r\n`)
}
