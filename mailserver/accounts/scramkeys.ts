/**
 * What SCRAM-SHA-256 keeps of a secret (RFC 5802 §3, RFC 7677). Pure.
 *
 * The salt follows from the address and a secret of this installation: a name that nobody has gets one too, always the same,
 * so asking tells nothing; and all secrets of one account share it, so that app passwords work although the client names only
 * the account. What weaker hashing costs is in docs/decisions/sign-in.md.
 */
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { passwordLimit } from './password.ts'
import { saslPrepared } from './saslprep.ts'

/**
 * RFC 7677 §4 asks for 4,096 at least. 65,536 is 25 ms here and the most that Cyrus SASL, behind KMail and mutt, is built for.
 * Keys made with another count are made anew at the next sign-in with the password itself.
 */
export const iterations = 65_536
const saltOctets = 16
const keyOctets = 32

export type ScramKeys = { storedKey: Buffer; serverKey: Buffer }

const stretch = promisify(pbkdf2)

export function saltOf(installation: Uint8Array, address: string): Buffer {
  return createHmac('sha256', installation).update(`scram salt\0${address}`).digest().subarray(0, saltOctets)
}

/** Undefined when no client could send it: too long, empty, or refused by SASLprep (RFC 5802 §2.2). */
export async function deriveKeys(secret: string, salt: Uint8Array): Promise<ScramKeys | undefined> {
  if (secret.length > passwordLimit) return undefined
  const form = saslPrepared(secret, { unassigned: 'refused' })
  if (!form) return undefined
  const salted = await stretch(form, salt, iterations, keyOctets, 'sha256')
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  return {
    storedKey: createHash('sha256').update(clientKey).digest(),
    serverKey: createHmac('sha256', salted).update('Server Key').digest(),
  }
}

/** Keys that nobody's proof fits, for accounts without any: finding that out takes as long as for those that have. */
export const nobodysKeys = (): ScramKeys => ({ storedKey: randomBytes(keyOctets), serverKey: randomBytes(keyOctets) })
