/**
 * The form of app passwords: six groups of four, `k7mp-…`, from 32 letters and digits that are not taken for one another.
 * Twenty symbols are random (100 bits), four are a check over them. Nobody guesses 100 bits, so a fast hash is enough; and
 * a secret with the right check is an app password and nothing else, so a wrong one costs no slow hash either. Pure.
 */
import { createHash, randomBytes } from 'node:crypto'

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789' // without l, o, 0, 1
const randomSymbols = 20
const checkSymbols = 4
const groupSize = 4

export function makeAppPassword(): string {
  const random = randomSymbolsOf(randomSymbols)
  return (random + checkOf(random)).match(new RegExp(`.{${groupSize}}`, 'g'))!.join('-')
}

/** The symbols of an app password, typed with any spaces, hyphens and capitals; undefined when it is none. */
export function symbolsOf(secret: string): string | undefined {
  if (secret.length > 80) return undefined // 24 symbols, 5 hyphens, and spaces of a careless copy
  const symbols = secret.toLowerCase().replaceAll(/[\s-]/g, '')
  if (symbols.length !== randomSymbols + checkSymbols) return undefined
  const random = symbols.slice(0, randomSymbols)
  return symbols.slice(randomSymbols) === checkOf(random) ? symbols : undefined
}

/** What is kept of it: one SHA-256. */
export function hashOfSymbols(symbols: string): Buffer {
  return createHash('sha256').update(`app password\0${symbols}`).digest()
}

/** Five random bits each, from the same alphabet; recovery codes are made of them too. */
export const randomSymbolsOf = (count: number): string => spell(randomBytes(count))

const checkOf = (random: string) => spell(createHash('sha256').update(random).digest().subarray(0, checkSymbols))
/** five bits of each octet */
const spell = (octets: Uint8Array) => [...octets].map((octet) => alphabet[octet & 31]).join('')
