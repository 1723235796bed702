import { createHmac, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { AppScope } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { whereRoom } from '#kit/store/diskfull.ts'
import { transact } from '#kit/store/transact.ts'
import { fold } from './address.ts'
import { hashOfSymbols, symbolsOf } from './apppassword.ts'
import { Brake, type Counter } from './brake.ts'
import { fitsForeignHash, isForeignHash } from './foreignhash.ts'
import { dayOf, isActive } from './inforce.ts'
import { directoryPassword, type PasswordJudge } from './judge.ts'
import { hashPassword, passwordLimit, prepared, verifyPassword } from './password.ts'
import type { Scope, ScramOffer } from './port.ts'
import { deriveKeys, iterations, nobodysKeys, type ScramKeys, saltOf } from './scramkeys.ts'
import { networkOf } from './slowing.ts'
import type { AccountRow } from './store/accounts.ts'
import type { AppPasswordRow } from './store/apppasswords.ts'
import type { Tables } from './store/tables.ts'
import { isToken, readToken } from './tokens.ts'

/** What was shown: a token, an app password (both by id), or else the password that matched `account.password`. */
export type Entered = { account: AccountRow; token?: string; appPassword?: string; service: boolean }
export type From = { ip: string; scope: Scope }

/**
 * A mail program opens ten connections with one password: those after the first need no hash for this long. Kept in the
 * memory of one thread, as a MAC under a key that is never written; of use only while the stored hash is the same one, and
 * only for the password: whether the account is active, slowed or has a second factor is asked each time.
 */
const rememberMs = 5 * 60_000
const rememberMost = 10_000
/** RFC 5321 §4.5.3.1.3 path limit, with room */
const nameLimit = 320
/** The last use is written at most this often, so that a program that polls does not make the file busy. */
const usedEveryMs = 60_000

/**
 * Decides sign-ins. A failure is written down before the password is looked at, and taken back when it was right, so
 * guesses sent all at once are slowed like guesses sent one by one.
 */
export class SignIns {
  readonly #db: DatabaseSync
  readonly #t: Tables
  readonly #judge: PasswordJudge | undefined
  readonly #now: () => number
  readonly #brake: Brake
  readonly #key = randomBytes(32)
  /** MAC of account and password → the stored hash it was found to match */
  readonly #right = new Map<string, { stored: string; until: number }>()
  readonly #underWay = new Map<string, Promise<boolean>>()

  constructor(db: DatabaseSync, tables: Tables, now: () => number, judge: PasswordJudge | undefined) {
    this.#db = db
    this.#judge = judge
    this.#t = tables
    this.#now = now
    this.#brake = new Brake(db, tables, now)
  }

  /** @throws Refusal 401, 403, 429 as port.ts says */
  async enter(address: string, secret: string, from: From): Promise<Entered> {
    if (isToken(secret)) return this.byToken(secret, address)
    const name = fold(address.slice(0, nameLimit))
    const account = this.#t.accounts.byAddress(name)
    const symbols = symbolsOf(secret)
    if (symbols !== undefined) return this.#byAppPassword(account, symbols, from)
    if (!(await this.#isRight(name, account, secret, networkOf(from.ip)))) throw wrong()
    this.#mustBeActive(account!)
    this.#mayUsePassword(account!, from)
    const entered = await this.#withOwnHash(account!, secret)
    await this.#keepKeys(entered, secret)
    whereRoom(() => this.#t.lastSignIns.note(entered.id, { at: this.#now(), ...from, how: 'password' }))
    return { account: entered, service: false }
  }

  /** @param address when the client named one, it must be the token's */
  byToken(secret: string, address: string | undefined): Entered {
    const token = readToken(this.#t, secret, this.#now())
    const account = this.#t.accounts.byId(token.account)
    if (!account || (address !== undefined && account.address !== fold(address))) throw wrong()
    this.#mustBeActive(account)
    return { account, token: token.id, service: token.process !== undefined }
  }

  /** Like a token, never counted as a failure: it cannot be guessed, and a phone with an old one must not slow its office. */
  #byAppPassword(account: AccountRow | undefined, symbols: string, from: From): Entered {
    const found = account && this.#t.appPasswords.byHash(account.id, hashOfSymbols(symbols))
    if (!account || !found) throw wrong()
    return this.#enterByAppPassword(account, found, from)
  }

  #enterByAppPassword(account: AccountRow, found: AppPasswordRow, { ip, scope }: From): Entered {
    const now = this.#now()
    if (found.expires !== undefined && found.expires <= now) throw wrong()
    this.#mustBeActive(account)
    if (!found.scopes.includes(scope as AppScope))
      throw new Refusal(
        403,
        `Mật khẩu ứng dụng này không dùng được cho ${scopeNames[scope]}.`,
        `this app password is not for ${scope}`,
      )
    whereRoom(() => this.#t.lastSignIns.note(account.id, { at: now, ip, scope, how: 'app-password' }))
    const { used } = found
    if (!used || Math.abs(now - used.at) >= usedEveryMs)
      whereRoom(() => this.#t.appPasswords.use(found.id, { at: now, ip, scope }))
    return { account, appPassword: found.id, service: false }
  }

  /** @throws Refusal 429 */
  scram(address: string, from: From): ScramOffer<Entered> {
    const name = fold(address.slice(0, nameLimit))
    const network = networkOf(from.ip)
    const counters = this.#brake.counters(name, this.#t.accounts.byAddress(name), network)
    this.#brake.refuseSlowed(counters)
    return {
      salt: saltOf(this.#t.scram.installation, name),
      iterations,
      prove: (fits) => {
        const account = this.#t.accounts.byAddress(name) // as it is now
        const found = account?.kind === 'person' ? this.#keysOf(account).find(fits) : undefined
        if (!account || !found) {
          fits(nobodysKeys())
          this.#brake.count(counters)
          throw wrong()
        }
        this.#brake.refuseSlowed(counters)
        this.#brake.release(counters, account.id, network, { counted: false })
        const appPassword = found.id === undefined ? undefined : this.#t.appPasswords.byId(found.id)
        if (appPassword) return { signedIn: this.#enterByAppPassword(account, appPassword, from), keys: found }
        this.#mustBeActive(account)
        this.#mayUsePassword(account, from)
        whereRoom(() => this.#t.lastSignIns.note(account.id, { at: this.#now(), ...from, how: 'password' }))
        return { signedIn: { account, service: false }, keys: found }
      },
    }
  }

  /** The main password's first. `id`: of an app password */
  #keysOf(account: AccountRow): (ScramKeys & { id: string | undefined })[] {
    const { scram, appPasswords } = this.#t
    const main = account.password === undefined ? undefined : scram.get(account.id, account.password, iterations)
    return [...(main ? [{ ...main, id: undefined }] : []), ...appPasswords.keys(account.id, iterations, this.#now())]
  }

  /** Accounts from before SCRAM, and from provisioning, get their keys when the password passes by. */
  async #keepKeys(account: AccountRow, secret: string): Promise<void> {
    const { scram } = this.#t
    const { id, address, password } = account
    // what the directory judges may be changed there at any time, and keys of the old one would still open
    if (
      password === undefined ||
      password === directoryPassword ||
      this.#t.secondFactors.isOn(id) ||
      scram.get(id, password, iterations)
    )
      return
    const keys = await deriveKeys(secret, saltOf(scram.installation, address))
    if (keys) whereRoom(() => scram.put(id, password, iterations, keys))
  }

  /** A hash of another server has done its duty: one of ours takes its place. @throws Refusal 401 when the password was changed meanwhile */
  async #withOwnHash(account: AccountRow, secret: string): Promise<AccountRow> {
    const { id, password } = account
    if (password === undefined || !isForeignHash(password)) return account
    const own = await hashPassword(secret)
    const { accounts } = this.#t
    whereRoom(() =>
      transact(this.#db, () => {
        if (accounts.byId(id)?.password === password) accounts.change(id, { password: own })
      }),
    )
    const now = accounts.byId(id)
    const theirs = now?.password
    if (!now || (theirs !== own && theirs !== password && !(await verifyPassword(secret, theirs)))) throw wrong()
    return now
  }

  /** A mail program cannot ask for the second factor. Said only after the password was right. @throws Refusal 403 */
  #mayUsePassword({ id }: AccountRow, { scope }: From): void {
    if (scope !== 'web' && this.#t.secondFactors.isOn(id))
      throw new Refusal(
        403,
        'Tài khoản đã bật xác thực hai lớp: hãy dùng mật khẩu ứng dụng, tạo ở trang Tài khoản, mục «Mật khẩu ứng dụng».',
        'a second factor is on: use an app password',
      )
  }

  #mustBeActive(account: AccountRow): void {
    if (!isActive(account, dayOf(this.#now()))) throw off()
  }

  async #isRight(name: string, account: AccountRow | undefined, secret: string, network: string): Promise<boolean> {
    const counters = this.#brake.counters(name, account, network)
    this.#brake.refuseSlowed(counters)
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
    this.#brake.count(q.counters)
    let right: boolean
    try {
      right = await this.#fits(q.account, q.secret, q.stored)
    } catch (err) {
      this.#brake.takeBack(q.counters) // nothing was tried: the hash never ran
      throw err
    }
    if (!right || !q.account || q.stored === undefined) return false
    this.#brake.release(q.counters, q.account.id, q.network, { counted: true })
    if (this.#right.size >= rememberMost) this.#right.clear()
    this.#right.set(q.mac, { stored: q.stored, until: this.#now() + rememberMs })
    return true
  }

  /** Whoever judges it, a wrong password takes as long as for an account that does not exist. */
  async #fits(account: AccountRow | undefined, secret: string, stored: string | undefined): Promise<boolean> {
    const elsewhere = stored === directoryPassword
    const foreign = stored !== undefined && isForeignHash(stored)
    if (!account || (!elsewhere && !foreign)) return verifyPassword(secret, stored)
    await verifyPassword(secret, undefined)
    if (secret.length > passwordLimit) return false
    if (foreign) return fitsForeignHash(secret, stored)
    if (this.#judge) return this.#judge.fits(account.address, secret)
    throw new Refusal(
      503,
      'Chưa khai báo máy chủ danh bạ nên chưa kiểm tra được mật khẩu. Vui lòng liên hệ quản trị viên.',
      'no directory is set (CONGSO_LDAP_URL)',
    )
  }
}

const scopeNames: Record<Scope, string> = {
  imap: 'IMAP',
  pop3: 'POP3',
  smtp: 'SMTP (gửi thư)',
  sieve: 'ManageSieve',
  web: 'trang web',
  control: 'quản trị',
}

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
