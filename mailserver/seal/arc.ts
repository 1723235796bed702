/**
 * ARC (RFC 8617): what we found of a letter from outside, signed with our domain's key, for those to whom it is sent on. Sending on
 * breaks SPF always and DKIM sometimes; who trusts us can still see that the letter was what it said when it came here.
 */
import type { ARCSealOptions } from 'mailauth'
import { sealMessage } from 'mailauth/lib/arc/index.js'
import type { SealKey } from '#kit/directory/calls.ts'
import { peekHeader } from '#kit/message/header.ts'
import { bare } from '#mailserver/mime/fields.ts'

/** Fields of the edge stand above the letter's own, and end with this one. */
const lastOfEdge = /^x-spam-status[ \t]*:/im

/**
 * @param raw as the edge hands it over
 * @returns the value of the edge's Authentication-Results, folded as it is; undefined: nothing was found out
 */
export function foundByEdge(raw: Uint8Array): string | undefined {
  const start = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, 64 * 1024)).toString('latin1')
  const end = lastOfEdge.exec(start)?.index ?? 0
  const [, value] = /^authentication-results:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)\r\n/im.exec(start.slice(0, end)) ?? []
  return value === undefined || /; *none *$/i.test(value) ? undefined : bare(value)
}

/**
 * Adds one set of ARC fields. A chain that does not hold, or that nobody has looked at, gets no more of them (§5.1): what stands
 * behind a broken link says nothing.
 * @param raw as it goes out: nothing above the body's end may change afterwards
 * @param found `foundByEdge`
 * @param domain whose key signs; without an RSA key of it, the only kind that RFC 8617 has, nothing is added
 */
export async function arcSealed(
  raw: Uint8Array,
  given: { found: string; domain: string; keys: readonly (SealKey & { privateKey: string })[]; at: Date },
): Promise<Uint8Array> {
  const key = given.keys.find(({ domain, algorithm }) => domain === given.domain && algorithm === 'rsa')
  const chained = peekHeader(raw).some(({ name }) => /^arc-seal$/i.test(name))
  const holds = /(?:^|;)\s*arc=pass\b/i.test(given.found)
  if (!key || (chained && !holds)) return raw
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const fields = await sealMessage(octets, {
    signingDomain: key.domain,
    selector: key.selector,
    privateKey: key.privateKey,
    algorithm: 'rsa-sha256',
    authResults: given.found,
    cv: chained ? 'pass' : 'none',
    signTime: given.at,
  } as ARCSealOptions)
  return Buffer.concat([fields, octets])
}
