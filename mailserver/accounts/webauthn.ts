/**
 * What a browser's authenticator answered, checked (WebAuthn Level 3 §7.1, §7.2) by @simplewebauthn/server. It is loaded at the
 * first answer: memory that an installation without passkeys never needs.
 */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { PasskeySite } from '#kit/web/passkeysite.ts'

/** An answer as browsers give it (`toJSON`): a kilobyte or two. */
export const answerLimit = 16_384
/** COSE: EdDSA, ES256, RS256; every authenticator has one of them */
export const algorithms = [-8, -7, -257] as const

export type NewKey = {
  id: string
  publicKey: Uint8Array
  signCount: number
  transports: string[]
  backedUp: boolean
}
export type Shown = { signCount: number; backedUp: boolean; userVerified: boolean }
type Asked = { site: PasskeySite; challenge: (text: string) => boolean }

/** @throws Error that says what is wrong with the answer */
export async function readNewKey(answer: unknown, { site, challenge }: Asked): Promise<NewKey> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers')
  const response = answer as RegistrationResponseJSON
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.response.attestationObject))
  const format = attestation.get('fmt')
  const statement = attestation.get('attStmt') as unknown
  // We asked for none. Certificates in it would be followed to wherever they name their list of revocations, from inside our network.
  if (format !== 'none' && !(format === 'packed' && statement instanceof Map && statement.get('x5c') === undefined))
    throw new Error(`an attestation nobody asked for: ${String(format).slice(0, 40)}`)
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: site.rpId,
    requireUserVerification: false, // a key of the second factor need not know its owner
    supportedAlgorithmIDs: [...algorithms],
  })
  if (!verified) throw new Error('the signature does not hold')
  const { credential, credentialBackedUp } = registrationInfo
  return {
    id: credential.id,
    publicKey: credential.publicKey,
    signCount: credential.counter,
    transports: (credential.transports ?? []).filter((each) => /^[a-z-]{2,20}$/.test(each)).slice(0, 8),
    backedUp: credentialBackedUp,
  }
}

/** @throws Error that says what is wrong with the answer */
export async function readShown(
  answer: unknown,
  { site, challenge, key }: Asked & { key: { id: string; publicKey: Uint8Array<ArrayBuffer> } },
): Promise<Shown> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: answer as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: site.rpId,
    requireUserVerification: false, // asked by whoever needs it
    // The counter is compared afterwards (passkeys.ts): only a signature that holds may say that a key was copied.
    credential: { ...key, counter: 0 },
  })
  if (!verified) throw new Error('the signature does not hold')
  const { newCounter, credentialBackedUp, userVerified } = authenticationInfo
  return { signCount: newCounter, backedUp: credentialBackedUp, userVerified }
}
