import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * Challenges that write nothing down until they are answered: anybody may open the sign-in page, as often as he likes.
 * One is `expiry (6 octets) | random (16) | MAC (32)`, base64url. The MAC binds it to what it is for: an answer to the sign-in
 * page's challenge registers no key.
 */
export type Purpose = 'register' | 'sign-in' | 'second-step' | 'prove'

/** Time to find the telephone; a half token (secondfactor.ts) lives as long. */
export const challengeMs = 10 * 60_000
/** WebAuthn §13.4.3 asks for 16 */
const randomOctets = 16
const expiryOctets = 6
const bodyOctets = expiryOctets + randomOctets

/** @param of the account or the half token that it is for; '' where nobody is known yet */
export function makeChallenge(secret: Uint8Array, purpose: Purpose, of: string, now: number): string {
  const body = Buffer.alloc(bodyOctets)
  body.writeUIntBE(now + challengeMs, 0, expiryOctets)
  randomBytes(randomOctets).copy(body, expiryOctets)
  return Buffer.concat([body, mac(secret, purpose, of, body)]).toString('base64url')
}

/** When a challenge of ours for this purpose ends, or ended; undefined: it is not one. */
export function readChallenge(secret: Uint8Array, purpose: Purpose, of: string, text: string): number | undefined {
  const octets = Buffer.from(text, 'base64url')
  if (octets.length !== bodyOctets + 32) return undefined
  const body = octets.subarray(0, bodyOctets)
  if (!timingSafeEqual(mac(secret, purpose, of, body), octets.subarray(bodyOctets))) return undefined
  return body.readUIntBE(0, expiryOctets)
}

function mac(secret: Uint8Array, purpose: Purpose, of: string, body: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`challenge\0${purpose}\0${of}\0`).update(body).digest()
}
