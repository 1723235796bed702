/** One-time codes by time (RFC 6238 over RFC 4226) as the apps on telephones make them: SHA-1, six digits, thirty seconds. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** RFC 4226 §4 R6 recommends 160 bits. */
export const secretOctets = 20
const stepMs = 30_000
const digits = 6
/** RFC 6238 §5.2: one step of delay or of a clock that is off, either way */
const drift = 1
/** Two steps of drift, and a minute by which a clock may be set right in service: within that a used code stays used. */
const FUTURE_STEPS = 2 * drift + 2

export const stepOf = (at: number): number => Math.floor(at / stepMs)

export function codeAt(secret: Uint8Array, step: number, length = digits): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const number = mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fff_ffff // RFC 4226 §5.3
  return String(number % 10 ** length).padStart(length, '0')
}

/**
 * The step that a code is of, only if later than `after`: a code works once (RFC 6238 §5.2). An `after` that is further in the future
 * than any code was taken by a clock that has been put back since, and says nothing.
 */
export function stepThatFits(secret: Uint8Array, code: string, at: number, after: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const now = stepOf(at)
  const used = after > now + FUTURE_STEPS ? Number.NEGATIVE_INFINITY : after
  let found: number | undefined
  for (let step = now - drift; step <= now + drift; step++)
    if (timingSafeEqual(Buffer.from(codeAt(secret, step)), Buffer.from(code)) && step > used) found ??= step
  return found
}

/** What the QR code says (github.com/google/google-authenticator/wiki/Key-Uri-Format). */
export function keyUri(secret: Uint8Array, address: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(address)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`
}

/** RFC 4648 §6 without padding, as apps want it typed. */
export function base32(octets: Uint8Array): string {
  let bits = ''
  for (const octet of octets) bits += octet.toString(2).padStart(8, '0')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}
