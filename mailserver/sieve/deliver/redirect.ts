/** redirect (RFC 5228 §4.2): the letter as it came, with one field that says by whom, so that loops end. */
import { MAX_HOPS } from '../limits.ts'
import { headerEnd } from './edit.ts'

export const HOP_FIELD = 'X-Sieve-Redirected-From'
/** RFC 5321 §6.3: a hundred is what others take for a loop. */
const MAX_RECEIVED = 50

/** Who has sent it on so far, lower case; undefined: it has come too far to be sent on at all. */
export function hopsOf(raw: Uint8Array): string[] | undefined {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const header = octets.toString('latin1', 0, headerEnd(octets))
  const hops = [...header.matchAll(new RegExp(`^${HOP_FIELD}:[ \\t]*([^\\r\\n]*)`, 'gim'))].map((m) =>
    Buffer.from(m[1]!.trim(), 'latin1').toString('utf8').toLowerCase(),
  )
  const received = header.match(/^Received:/gim)?.length ?? 0
  return hops.length >= MAX_HOPS || received > MAX_RECEIVED ? undefined : hops
}

export const redirected = (raw: Uint8Array, owner: string): Buffer =>
  Buffer.concat([Buffer.from(`${HOP_FIELD}: ${owner}\r\n`), raw])
