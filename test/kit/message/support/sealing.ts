import { generateKeyPairSync } from 'node:crypto'
import { dkimSign } from 'mailauth/lib/dkim/sign.js'
import type { SealKey } from '#kit/directory/calls.ts'
import { sealedHeaderList } from '#kit/message/contract.ts'

export type TestKey = { key: SealKey; privateKey: string }

/** A key of a keyring, in force from 2026 on. */
export function makeKey({
  domain = 'haiduong.gov.vn',
  selector = 's1',
  algorithm = 'ed25519' as 'ed25519' | 'rsa',
  from = '2026-01-01T00:00:00Z',
  to = undefined as string | undefined,
  bits = 2048,
} = {}): TestKey {
  const pem = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  } as const
  const pair =
    algorithm === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: bits, ...pem })
      : generateKeyPairSync('ed25519', pem)
  return {
    key: { domain, selector, algorithm, publicKey: pair.publicKey, from, ...(to ? { to } : {}) },
    privateKey: pair.privateKey,
  }
}

/** Signs as submission does: every field of the contract, two relaxed canonicalisations. */
export async function seal(
  raw: Buffer,
  { key, privateKey }: TestKey,
  given: { headerList?: string; domain?: string; maxBodyLength?: number; signTime?: Date; algorithm?: string } = {},
): Promise<Buffer> {
  const signed = await dkimSign(raw, {
    canonicalization: 'relaxed/relaxed',
    algorithm: given.algorithm ?? `${key.algorithm}-sha256`,
    headerList: given.headerList ?? sealedHeaderList, // beside signatureData: inside it mailauth ignores it
    signTime: given.signTime ?? new Date('2026-11-23T01:00:00Z'),
    signatureData: [
      {
        signingDomain: given.domain ?? key.domain,
        selector: key.selector,
        privateKey,
        ...(given.maxBodyLength === undefined ? {} : { maxBodyLength: given.maxBodyLength }),
      },
    ],
  } as unknown as Parameters<typeof dkimSign>[1])
  if (signed.errors?.length) throw new Error(`not signed: ${JSON.stringify(signed.errors)}`)
  return Buffer.concat([Buffer.from(signed.signatures), raw])
}
