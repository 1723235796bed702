/**
 * Hashes of passwords that other mail servers made, so that a move asks nobody for a new password: Dovecot's and Zimbra's words
 * for them. They are checked here once; whoever signs in gets a hash of ours in its place (signin.ts).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { prepared, verifyPassword } from './password.ts'

/** Of bcrypt, a power of two: 12 is a quarter of a second. */
const mostCost = 12
/** Of SHA-crypt, computed without a pause: four times its default, a sixth of a second. */
const mostRounds = 20_000
/** Of argon2id: 64 MiB. */
const mostMemory = 65_536
const mostPasses = 6
const digests = { SHA: 20, SHA256: 32, SHA512: 64 } as const
type Digest = keyof typeof digests
type Foreign =
  | { scheme: 'bcrypt'; hash: string }
  | { scheme: 'sha-crypt'; hash: string }
  | { scheme: 'argon2id'; hash: string }
  | { scheme: 'digest'; name: Digest; hash: Buffer; salt: Buffer }

/** {ARGON2ID}$argon2id$…, {BLF-CRYPT}$2y$…, {SHA512-CRYPT}$6$…, {SHA256-CRYPT}$5$…, {SSHA512}… and its kin in base64; the crypts also bare */
export const isForeignHash = (text: string): boolean => parse(text) !== undefined

/** @throws nothing: what is no hash fits no password */
export async function fitsForeignHash(password: string, text: string): Promise<boolean> {
  const foreign = parse(text)
  if (!foreign) return false
  // the other server hashed the octets that its programs sent
  for (const secret of new Set([password, prepared(password), password.normalize('NFD')]))
    if (await fits(secret, foreign)) return true
  return false
}

async function fits(secret: string, foreign: Foreign): Promise<boolean> {
  // loaded when somebody needs them: most installations never do
  if (foreign.scheme === 'bcrypt') return (await import('bcryptjs')).compare(secret, foreign.hash)
  if (foreign.scheme === 'argon2id') return verifyPassword(secret, foreign.hash)
  if (foreign.scheme === 'sha-crypt') return (await import('unixcrypt')).verify(secret, foreign.hash)
  const got = createHash(foreign.name.toLowerCase().replace(/^sha$/, 'sha1'))
    .update(secret)
    .update(foreign.salt)
    .digest()
  return timingSafeEqual(got, foreign.hash)
}

function parse(text: string): Foreign | undefined {
  const [, named, rest] = /^(?:\{([A-Z0-9-]{2,20})\})?(\S{20,300})$/.exec(text) ?? []
  if (rest === undefined) return undefined
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(rest) ?? []
  if (cost !== undefined && isNamed(named, 'BLF-CRYPT'))
    return Number(cost) >= 4 && Number(cost) <= mostCost ? { scheme: 'bcrypt', hash: rest } : undefined
  const [, kind, rounds] = /^\$([56])\$(?:rounds=(\d{1,9})\$)?[^$]{1,16}\$[./A-Za-z0-9]{43,86}$/.exec(rest) ?? []
  if (kind !== undefined && isNamed(named, kind === '6' ? 'SHA512-CRYPT' : 'SHA256-CRYPT'))
    return rounds === undefined || Number(rounds) <= mostRounds ? { scheme: 'sha-crypt', hash: rest } : undefined
  const [, memory, passes] =
    /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=[1-8]\$[A-Za-z0-9+/]{10,90}\$[A-Za-z0-9+/]{20,90}$/.exec(rest) ?? []
  if (memory !== undefined && named === 'ARGON2ID')
    return Number(memory) <= mostMemory && Number(passes) <= mostPasses ? { scheme: 'argon2id', hash: rest } : undefined
  const [, salted, name] = /^(S?)(SHA(?:256|512)?)$/.exec(named ?? '') ?? []
  if (name === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(rest)) return undefined
  const octets = Buffer.from(rest, 'base64')
  const length = digests[name as Digest]
  if (octets.length < length || (salted === '') !== (octets.length === length)) return undefined
  return { scheme: 'digest', name: name as Digest, hash: octets.subarray(0, length), salt: octets.subarray(length) }
}

const isNamed = (named: string | undefined, scheme: string): boolean =>
  named === undefined || named === scheme || named === 'CRYPT'
