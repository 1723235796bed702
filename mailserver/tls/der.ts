/** The few forms of DER (ITU-T X.690) that a certificate needs. Pure. */

export function tlv(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length: number[] = []
  for (let n = body.length; n > 0; n = Math.floor(n / 256)) length.unshift(n % 256)
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length, ...length]), body])
}

export const sequence = (...parts: Uint8Array[]) => tlv(0x30, ...parts)
export const set = (...parts: Uint8Array[]) => tlv(0x31, ...parts)
export const utf8String = (text: string) => tlv(0x0c, Buffer.from(text, 'utf8'))
export const octetString = (...parts: Uint8Array[]) => tlv(0x04, ...parts)
export const bitString = (octets: Uint8Array, unusedBits = 0) => tlv(0x03, Buffer.from([unusedBits]), octets)
export const boolean = (value: boolean) => tlv(0x01, Buffer.from([value ? 0xff : 0]))
/** [n] EXPLICIT around a value */
export const explicit = (n: number, ...parts: Uint8Array[]) => tlv(0xa0 | n, ...parts)
/** [n] IMPLICIT primitive */
export const implicit = (n: number, octets: Uint8Array) => tlv(0x80 | n, octets)

/** A non-negative integer, big-endian octets. */
export function integer(octets: Uint8Array): Buffer {
  const first = octets.findIndex((b) => b !== 0)
  const trimmed = Buffer.from(first === -1 ? [0] : octets.subarray(first))
  return tlv(0x02, trimmed[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed)
}

/** "2.5.29.17" */
export function oid(dotted: string): Buffer {
  const [a = 0, b = 0, ...rest] = dotted.split('.').map(Number)
  const octets = [a * 40 + b]
  for (const arc of rest) {
    const digits = [arc % 128]
    for (let n = Math.floor(arc / 128); n > 0; n = Math.floor(n / 128)) digits.unshift(0x80 | (n % 128))
    octets.push(...digits)
  }
  return tlv(0x06, Buffer.from(octets))
}

/** GeneralizedTime from 2050 on, UTCTime before (RFC 5280 §4.1.2.5). */
export function time(at: Date): Buffer {
  const text = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() >= 2050 ? tlv(0x18, Buffer.from(text)) : tlv(0x17, Buffer.from(text.slice(2)))
}
