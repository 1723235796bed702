/**
 * Keys and certificates on the disk:
 *   <folder>/key.pem, cert.pem           of the mail server's own name
 *   <folder>/<name>/key.pem, cert.pem    of each further name
 *   …/origin                             which certificate there we made ourselves
 * An administrator's files are never overwritten but by her own command, or by ACME when she chose it.
 */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { mustBePair, type Pair } from './pair.ts'
import { selfSigned } from './selfsigned.ts'

export type Origin = 'files' | 'self-signed' | 'acme'
export type Kept = { pair: Pair; origin: Origin }
export type Names = { folder: string; hostname: string; name: string }

/** Longest that mail programs on telephones accept, less a month. */
const selfSignedDays = 795

/** Host names of RFC 1123 §2.1, lower case; they become folder names. @throws Error naming the setting */
export function namesOf({ hostname, tlsNames }: { hostname: string; tlsNames: string }): readonly string[] {
  const names = [hostname, ...tlsNames.split(',')]
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
  for (const name of names)
    if (name.length > 253 || !/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(name))
      throw new Error(`CONGSO_TLS_NAMES (tlsNames): "${name}" is no host name`)
  return [...new Set(names)]
}

/**
 * @returns undefined when there is none
 * @throws Error with a sentence when files are there and cannot be served
 */
export function readKept(names: Names): Kept | undefined {
  const at = places(names)
  const have = { key: existsSync(at.key), cert: existsSync(at.cert) }
  if (!have.key && !have.cert) return undefined
  if (!have.key || !have.cert)
    throw new Error(`${at.folder} has only one of key.pem and cert.pem; put both there, or remove the one`)
  const pair = readPair(names.name, at)
  return { pair, origin: originOf(at.origin, pair) }
}

/** A crash between the two renames of `keep` left the new certificate beside its place: it is put there. */
function readPair(name: string, at: ReturnType<typeof places>): Pair {
  const key = readFileSync(at.key, 'utf8')
  const pair = { name, key, cert: readFileSync(at.cert, 'utf8') }
  try {
    mustBePair(pair, at)
    return pair
  } catch (error) {
    if (!existsSync(`${at.cert}.new`)) throw error
    const mended = { ...pair, cert: readFileSync(`${at.cert}.new`, 'utf8') }
    mustBePair(mended, at)
    return mended
  }
}

/** Durable when it returns. The caller has checked the pair. */
export function keep(names: Names, { key, cert }: Pair, origin: Origin): void {
  const at = places(names)
  mkdirSync(at.folder, { recursive: true, mode: 0o700 })
  if (origin !== 'files') replace(at.origin, `${origin} ${fingerprint(cert)}\n`)
  write(`${at.key}.new`, key)
  write(`${at.cert}.new`, cert)
  renameSync(`${at.key}.new`, at.key)
  renameSync(`${at.cert}.new`, at.cert)
  syncFolder(at.folder)
}

/** A pair that nobody vouches for, for a first start. */
export function makeSelfSigned(names: Names, now: number): Kept {
  const others = names.name === names.hostname ? ['localhost', '127.0.0.1', '::1'] : []
  const made = selfSigned({ names: [names.name, ...others], from: new Date(now - 3_600_000), days: selfSignedDays })
  const pair = { name: names.name, key: made.key, cert: made.certificate }
  keep(names, pair, 'self-signed')
  return { pair, origin: 'self-signed' }
}

/** For processes that only serve: what the mail service keeps. @throws Error with a sentence */
export function readAll(folder: string, settings: { hostname: string; tlsNames: string }): Pair[] {
  const names = namesOf(settings)
  const kept = names.map((name) => readKept({ folder, hostname: names[0]!, name })?.pair)
  if (!kept[0]) throw new Error(`${folder} has no certificate; the mail service makes or gets it at its start`)
  return kept.filter((pair) => pair !== undefined)
}

/** A file replaced as a whole, and on the disk. */
export function replace(path: string, text: string): void {
  write(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

function places({ folder, hostname, name }: Names) {
  const at = name === hostname.toLowerCase() ? folder : join(folder, name)
  return { folder: at, key: join(at, 'key.pem'), cert: join(at, 'cert.pem'), origin: join(at, 'origin') }
}

/** Ours only as long as it is the very certificate that we made. */
function originOf(file: string, { cert }: Pair): Origin {
  if (!existsSync(file)) return 'files'
  const [origin, sha] = readFileSync(file, 'utf8').trim().split(' ')
  return sha === fingerprint(cert) && (origin === 'self-signed' || origin === 'acme') ? origin : 'files'
}

const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex')

function write(path: string, text: string): void {
  const fd = openSync(path, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
