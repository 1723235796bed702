import { createHash, randomInt } from 'node:crypto'

/**
 * The two things a citizen keeps: the lodging reference "K7M2-Q9PX-4" (eight random signs and a check character; it
 * names the case for life) and the lookup secret "XXXX-XXXX-XXXX", of which only the hash ever leaves the portal.
 *
 * 31 signs, no 0 O 1 I U: nothing is mistaken when read out or written down. 31 is a prime, so with distinct weights
 * the check character finds every single wrong sign and every exchange of two signs.
 */
export const alphabet = '23456789ABCDEFGHJKLMNPQRSTVWXYZ'
const REFERENCE_SIGNS = 8
// 12 signs are 59 bits; guesses are also counted (lookup/guard), so that nobody finds one.
const SECRET_SIGNS = 12

const random = (n: number): string => Array.from({ length: n }, () => alphabet[randomInt(alphabet.length)]).join('')
const groups = (signs: string): string => signs.match(/.{1,4}/g)!.join('-')

function checkCharacter(signs: string): string {
  let sum = 0
  for (const [n, sign] of Array.from(signs).entries()) sum += alphabet.indexOf(sign) * (n + 2)
  return alphabet[sum % alphabet.length]!
}

export function newReference(): string {
  const signs = random(REFERENCE_SIGNS)
  return `${groups(signs)}-${checkCharacter(signs)}`
}

/** Case, spaces and dashes do not matter in what people type. */
const bare = (typed: string): string =>
  typed
    .normalize('NFC')
    .toUpperCase()
    .replaceAll(/[\s\u2010-\u2015.-]/g, '')

/** @returns the reference as it is written, or undefined when it cannot be one (the check character is wrong) */
export function readReference(typed: string): string | undefined {
  const signs = bare(typed.slice(0, 60))
  if (signs.length !== REFERENCE_SIGNS + 1 || Array.from(signs).some((s) => !alphabet.includes(s))) return undefined
  const head = signs.slice(0, REFERENCE_SIGNS)
  return checkCharacter(head) === signs.at(-1) ? `${groups(head)}-${signs.at(-1)}` : undefined
}

/** @returns mã hồ sơ as printed, for example 000.00.15.H23-261122-0007, or undefined */
export function readCode(typed: string): string | undefined {
  const code = typed.slice(0, 80).trim().toUpperCase().replaceAll(/\s/g, '')
  return /^[0-9A-Z]+(\.[0-9A-Z]+)*-\d{6}-\d{4,6}$/.test(code) ? code : undefined
}

export const newSecret = (): string => groups(random(SECRET_SIGNS))

/** SHA-256, lower hex, of the secret's signs in UTF-8; undefined when it cannot be a secret. */
export function hashSecret(typed: string): string | undefined {
  const signs = bare(typed.slice(0, 60))
  if (signs.length !== SECRET_SIGNS || Array.from(signs).some((s) => !alphabet.includes(s))) return undefined
  return createHash('sha256').update(signs, 'utf8').digest('hex')
}

/** A secret for an address or a cookie: 128 random bits, and the hash under which we keep it. */
export const newToken = (): string => random(26)
export const hashToken = (token: string): string => createHash('sha256').update(token, 'utf8').digest('hex')
