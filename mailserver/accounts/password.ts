/**
 * Passwords as argon2id in PHC form, with the parameters of OWASP's Password Storage Cheat Sheet (19 MiB, 2 passes,
 * 1 lane). Never more than two hashes at once in a thread and sixteen waiting: a flood of sign-ins costs at most
 * 38 MiB, and those that come last are told to try again.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Refusal } from '#kit/refusal.ts'
import { saslPrepared } from './saslprep.ts'

const memory = 19_456
const passes = 2
const parallelism = 1
const saltOctets = 16
const hashOctets = 32
const atOnce = 2
/** about half a second of waiting at 60 ms a hash */
const mayWait = 16
/** longer ones are refused unread: hashing cost must not follow what a stranger sends */
export const passwordLimit = 1024
export const passwordLeast = 8

const run = promisify(argon2)

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(saltOctets)
  const hash = await bounded(() =>
    run('argon2id', { message: prepared(password), nonce, memory, passes, parallelism, tagLength: hashOctets }),
  )
  const b64 = (b: Buffer) => b.toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${b64(nonce)}$${b64(hash)}`
}

/** In constant time. `stored` undefined (no such account, no password) costs the same and is false. @throws Refusal 429 too many at once */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const phc = parsePhc(stored ?? nobody) ?? parsePhc(nobody)!
  // RFC 4616 §2: what cannot be prepared is no password
  if (password.length > passwordLimit || !saslPrepared(password, { unassigned: 'allowed' })) return false
  const { m, t, p, salt, hash } = phc
  const got = await bounded(() =>
    run('argon2id', {
      message: prepared(password),
      nonce: salt,
      memory: m,
      passes: t,
      parallelism: p,
      tagLength: hash.length,
    }),
  )
  return timingSafeEqual(got, hash) && stored !== undefined && stored !== nobody
}

/** @throws Refusal 422 with the field `password` */
export function checkNewPassword(password: string): void {
  const wrong =
    password.length > passwordLimit
      ? `Mật khẩu dài nhất ${passwordLimit} ký tự.`
      : [...prepared(password)].length < passwordLeast
        ? `Mật khẩu cần ít nhất ${passwordLeast} ký tự.`
        : saslPrepared(password, { unassigned: 'refused' }) === undefined
          ? 'Mật khẩu có ký tự mà chương trình thư không gửi được, chẳng hạn biểu tượng cảm xúc hoặc ký tự điều khiển.'
          : undefined
  if (wrong) throw new Refusal(422, wrong, 'password length or characters', { fields: { password: wrong } })
}

/** RFC 8265 §4.2 OpaqueString: other spaces become the ASCII space, then NFC, so that every keyboard gives the same octets. */
export function prepared(password: string): string {
  return password.replaceAll(/\p{Zs}/gu, ' ').normalize('NFC')
}

type Phc = { m: number; t: number; p: number; salt: Buffer; hash: Buffer }
function parsePhc(text: string): Phc | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text)
  if (!match) return undefined
  const [, m, t, p, salt, hash] = match
  return {
    m: Number(m),
    t: Number(t),
    p: Number(p),
    salt: Buffer.from(salt!, 'base64'),
    hash: Buffer.from(hash!, 'base64'),
  }
}

/** What is computed for an address that does not exist, so that it takes as long as for one that does. */
const nobody = `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

let running = 0
const waiting: (() => void)[] = []
async function bounded<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (waiting.length >= mayWait)
      throw new Refusal(
        429,
        'Máy chủ đang bận. Vui lòng đăng nhập lại sau vài giây.',
        'too many sign-ins at once; wait 5 seconds',
      )
    await new Promise<void>((go) => waiting.push(go))
  } else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
