/**
 * The seal (design §5): DKIM signatures over every field that decides anything, and over the whole body. mailauth's own
 * list leaves those fields out, and takes ours only as a colon string. It signs each field once, bottom up, and cannot
 * over-sign: that no signed field is there twice is the checker's to see (`kit/message/seal.ts`), and submission refuses it.
 */
import type { DKIMSignOptions } from 'mailauth'
import { dkimSign } from 'mailauth/lib/dkim/sign.js'
import type { SealKey } from '#kit/directory/calls.ts'
import { sealedFields } from '#kit/message/contract.ts'
import { peekHeader } from '#kit/message/header.ts'

/**
 * @param raw complete message with CRLF line ends
 * @param domain exactly the domain of From
 * @param keys in force: usually one ed25519 (RFC 8463) and one rsa; each makes a signature
 * @returns the message with its DKIM-Signature fields on top
 * @throws Error when there is no key, or one does not sign: an unsealed message never leaves as if it were sealed
 */
export async function seal(
  raw: Uint8Array,
  domain: string,
  keys: readonly (SealKey & { privateKey: string })[],
  at: Date = new Date(),
): Promise<Buffer> {
  const own = keys.filter((key) => key.domain === domain)
  if (own.length === 0) throw new Error(`no seal key of ${domain}`)
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  // mailauth's types ask for one key beside the list of keys, and for an array that its code ignores.
  const { signatures, errors } = await dkimSign(octets, {
    canonicalization: 'relaxed/relaxed',
    headerList: fieldList(octets),
    signTime: at,
    signatureData: own.map((key) => ({
      signingDomain: key.domain,
      selector: key.selector,
      privateKey: key.privateKey,
      algorithm: key.algorithm === 'ed25519' ? 'ed25519-sha256' : 'rsa-sha256',
    })),
  } as unknown as DKIMSignOptions)
  if (errors.length > 0) throw new Error(`sealing for ${domain} failed`, { cause: errors[0] })
  const made = signatures.match(/^DKIM-Signature:/gim)?.length ?? 0
  if (made !== own.length) throw new Error(`sealing for ${domain} made ${made} of ${own.length} signatures`)
  return Buffer.concat([Buffer.from(signatures), octets])
}

/** The fixed list, and every CongSo-* field that is there. */
function fieldList(octets: Buffer): string {
  const ours = peekHeader(octets)
    .map((f) => f.name)
    .filter((name) => /^congso-/i.test(name))
  return [...new Set([...sealedFields, ...ours].map((name) => name.toLowerCase()))].join(':')
}
