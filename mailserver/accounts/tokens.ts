import { randomBytes } from 'node:crypto'
import { Refusal } from '#kit/refusal.ts'
import type { Tables } from './store/tables.ts'

/** a working day, so that nobody signs in twice in one */
export const personTokenMs = 12 * 60 * 60_000
export const serviceTokenMs = 24 * 60 * 60_000

/** A clock that is put back by hours leaves people signed in for longer; a token that would hold beyond this was made by a clock that was quite wrong. */
const furthestMs = 7 * 24 * 60 * 60_000

const shape = /^cs_[A-Za-z0-9_-]{43}$/

/** Does this secret claim to be a token? Nobody guesses 256 bits, so such secrets are never counted as failures. */
export function isToken(secret: string): boolean {
  return shape.test(secret)
}

/** @param process set when a service asked for it, by its own secret; `from` where a person signed in on the pages */
export function issueToken(
  t: Tables,
  account: number,
  now: number,
  process?: string,
  from: { ip?: string; client?: string } = {},
): { token: string; expires: number } {
  const token = `cs_${randomBytes(32).toString('base64url')}`
  const expires = now + (process ? serviceTokenMs : personTokenMs)
  t.tokens.insert(token, process ? { account, process, expires } : { account, expires, ...from }, now)
  return { token, expires }
}

/** @throws Refusal 401 when there is no such token or it has ended */
export function readToken(t: Tables, token: string, now: number) {
  const id = t.tokens.idOf(token)
  const row = isToken(token) ? t.tokens.byId(id) : undefined
  if (!row || row.expires <= now || row.expires > now + furthestMs) throw sessionEnded()
  return { id, ...row }
}

export function sessionEnded(): Refusal {
  return new Refusal(401, 'Phiên làm việc đã kết thúc. Vui lòng đăng nhập lại.', 'token unknown or ended')
}
