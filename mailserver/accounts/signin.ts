import { createHmac, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import { fold } from './address.ts'
import { dayOf, isActive } from './inforce.ts'
import { passwordLimit, prepared, verifyPassword } from './password.ts'
import { type FailureKind, networkOf, oneMore, secondsToWait } from './slowing.ts'
import type { AccountRow } from './store/accounts.ts'
import type { Tables } from './store/tables.ts'
import { isToken, readToken } from './tokens.ts'

export type Entered = { account: AccountRow; token?: string; service: boolean }

/** A mail program opens five connections with one password: those after the first need no hash for this long. */
const rememberMs = 5 * 60_000
const rememberMost = 10_000
/** RFC 5321 §4.5.3.1.3 path limit, with room */
const nameLimit = 320

/**
 * Decides sign-ins. A failure is written down before the password is looked at, and taken back when it was right, so
 * guesses sent all at once are slowed like guesses sent one by one.
 */
export class SignIns {
  readonly #db: DatabaseSync
  readonly #t: Tables
  readonly #now: () => number
  readonly #key = randomBytes(32)
  /** MAC of account and password → the stored hash it was found to match */
  readonly #right = new Map<string, { stored: string; until: number }>()
  readonly #underWay = new Map<string, Promise<boolean>>()

  constructor(db: DatabaseSync, tables: Tables, now: () => number) {
    this.#db = db
    this.#t = tables
    this.#now = now
  }

  /** @throws Refusal 401, 403, 429 as port.ts says */
  async enter(address: string, secret: string, ip: string): Promise<Entered> {
    if (isToken(secret)) return this.#byToken(address, secret)
    const name = fold(address.slice(0, nameLimit))
    const account = this.#t.accounts.byAddress(name)
    if (!(await this.#isRight(name, account, secret, networkOf(ip)))) throw wrong()
    if (!isActive(account!, dayOf(this.#now()))) throw off()
    return { account: account!, service: false }
  }

  #byToken(address: string, secret: string): Entered {
    const token = readToken(this.#t, secret, this.#now())
    const account = this.#t.accounts.byId(token.account)
    if (!account || account.address !== fold(address)) throw wrong()
    if (!isActive(account, dayOf(this.#now()))) throw off()
    return { account, token: token.id, service: token.process !== undefined }
  }

  async #isRight(name: string, account: AccountRow | undefined, secret: string, network: string): Promise<boolean> {
    const counters = this.#counters(name, account, network)
    this.#refuseSlowed(counters)
    const stored = account?.kind === 'person' ? account.password : undefined
    const mac = createHmac('sha256', this.#key)
      .update(`${name}\0${prepared(secret.slice(0, passwordLimit + 1))}`)
      .digest('base64')
    const remembered = this.#right.get(mac)
    if (stored !== undefined && remembered?.stored === stored && remembered.until > this.#now()) return true
    const key = `${mac} ${network}`
    const running = this.#underWay.get(key)
    if (running) return running
    const check = this.#verify({ counters, account, stored, secret, network, mac }).finally(() =>
      this.#underWay.delete(key),
    )
    this.#underWay.set(key, check)
    return check
  }

  async #verify(q: {
    counters: Counter[]
    account: AccountRow | undefined
    stored: string | undefined
    secret: string
    network: string
    mac: string
  }): Promise<boolean> {
    transact(this.#db, () => {
      this.#refuseSlowed(q.counters)
      for (const [kind, of] of q.counters)
        this.#t.failures.put(kind, of, oneMore(kind, this.#t.failures.get(kind, of), this.#now()))
    })
    let right: boolean
    try {
      right = await verifyPassword(q.secret, q.stored)
    } catch (err) {
      this.#takeBack(q.counters) // nothing was tried: the hash never ran
      throw err
    }
    if (!right || !q.account || q.stored === undefined) return false
    const { id } = q.account
    transact(this.#db, () => {
      for (const [kind, of] of q.counters) if (kind !== 'address') this.#t.failures.remove(kind, of)
      this.#takeBack(q.counters.filter(([kind]) => kind === 'address'))
      this.#t.failures.learn(id, q.network, this.#now())
    })
    if (this.#right.size >= rememberMost) this.#right.clear()
    this.#right.set(q.mac, { stored: q.stored, until: this.#now() + rememberMs })
    return true
  }

  #counters(name: string, account: AccountRow | undefined, network: string): Counter[] {
    if (account && this.#t.failures.knows(account.id, network, this.#now()))
      return [['pair', `${account.id} ${network}`]]
    return [
      ['account', name],
      ['address', network],
    ]
  }

  #refuseSlowed(counters: Counter[]): void {
    const now = this.#now()
    const wait = Math.max(...counters.map(([kind, of]) => secondsToWait(this.#t.failures.get(kind, of), now)))
    if (wait > 0)
      throw new Refusal(429, `Sai quá nhiều lần. Vui lòng thử lại sau ${wait} giây.`, `slowed; wait ${wait} seconds`)
  }

  #takeBack(counters: Counter[]): void {
    transact(this.#db, () => {
      for (const [kind, of] of counters) {
        const f = this.#t.failures.get(kind, of)
        if (!f) continue
        if (f.count <= 1) this.#t.failures.remove(kind, of)
        else this.#t.failures.put(kind, of, { ...oneMore(kind, { ...f, count: f.count - 2 }, f.lastAt) })
      }
    })
  }
}

type Counter = readonly [kind: FailureKind, of: string]

function wrong(): Refusal {
  return new Refusal(401, 'Địa chỉ hoặc mật khẩu không đúng.', 'wrong address or password')
}
function off(): Refusal {
  return new Refusal(
    403,
    'Tài khoản đang tạm khóa hoặc chưa có hiệu lực. Vui lòng liên hệ quản trị viên.',
    'account not active',
  )
}
