/** When a certificate is renewed, and when somebody must be told. Pure. */
import { X509Certificate } from 'node:crypto'
import type { TlsCertificate } from '#kit/directory/calls.ts'
import type { Kept } from './files.ts'
import { datesOf } from './pair.ts'

export type Certificate = TlsCertificate

const dayMs = 24 * 60 * 60_000
/** Ours, that nobody vouches for: its end is all that matters, and mail programs ask their users anew at each. */
const selfSignedEarlyMs = 30 * dayMs
/** Less than this left, or than a sixth of a short lifetime, and nothing new: somebody must look. */
const warnMs = 14 * dayMs

/** Milliseconds since 1970; Infinity when it is not ours to renew. Due at once: one that is not valid yet, of a clock that has been put back. */
export function dueAt({ pair, origin }: Kept, mode: 'files' | 'acme' | 'self-signed', now: number): number {
  const { from, until } = datesOf(new X509Certificate(pair.cert))
  if (origin !== 'files' && from > now) return now
  if (mode === 'acme') return origin === 'self-signed' ? 0 : from + ((until - from) * 2) / 3
  return mode === 'self-signed' && origin === 'self-signed' ? until - selfSignedEarlyMs : Number.POSITIVE_INFINITY
}

/** A sentence for administrators about the certificate that runs out first, or undefined. */
export function attention(certificates: readonly Certificate[], now: number): string | undefined {
  const soon = certificates
    .map((each) => ({ ...each, end: Date.parse(each.until), begin: Date.parse(each.from) }))
    .filter(({ begin, end }) => end - now < Math.min(warnMs, (end - begin) / 6))
    .sort((a, b) => a.end - b.end)[0]
  if (!soon) return undefined
  const why = soon.lastError ? ` Lần gia hạn gần nhất: ${soon.lastError}.` : ''
  return soon.end <= now
    ? `Chứng thư TLS của ${soon.name} đã hết hạn.${why}`
    : `Chứng thư TLS của ${soon.name} hết hạn sau ${Math.ceil((soon.end - now) / dayMs)} ngày.${why}`
}
