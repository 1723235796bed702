import { dkimSign } from 'mailauth/lib/dkim/sign.js'
import type { SealKey } from '#kit/directory/calls.ts'
import { sealedHeaderList } from '#kit/message/contract.ts'

/**
 * Seals a message with every key given (design §5): DKIM over all that decides anything, relaxed/relaxed, whole body, no `l=`.
 * What a relay of the world adds on top stays outside the seal; nothing inside may change.
 *
 * @param keys pairs of the domain in force, from `Accounts.sealKeys(domain)`
 * @returns the DKIM-Signature fields followed by the message
 * @throws Error when a key does not sign: an unsealed message must never be taken for a sealed one
 */
export async function seal(
  raw: Uint8Array,
  domain: string,
  keys: readonly (SealKey & { privateKey: string })[],
  at: Date = new Date(),
): Promise<Buffer> {
  if (keys.length === 0) throw new Error(`there is no key to seal for ${domain}`)
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const signatures = []
  // mailauth signs with one algorithm at a time
  for (const key of keys) {
    const signed = await dkimSign(octets, {
      canonicalization: 'relaxed/relaxed',
      algorithm: `${key.algorithm}-sha256`,
      headerList: sealedHeaderList, // beside signatureData, as a colon string: mailauth ignores every other form
      signTime: at,
      signatureData: [{ signingDomain: domain, selector: key.selector, privateKey: key.privateKey }],
    } as unknown as Parameters<typeof dkimSign>[1])
    if (signed.errors?.length)
      throw new Error(`${domain} ${key.selector} did not sign: ${JSON.stringify(signed.errors)}`)
    signatures.push(Buffer.from(signed.signatures))
  }
  return Buffer.concat([...signatures, octets])
}
