/**
 * The second factor of people's sign-in on the pages: codes of an app (totp.ts), a passkey (passkeys.ts), or a recovery code,
 * each good once. Mail programs cannot ask for one, so with it on they need an app password (signin.ts).
 */
import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Address } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import { fold } from './address.ts'
import { randomSymbolsOf } from './apppassword.ts'
import { Brake, type Counter } from './brake.ts'
import type { AccountRow } from './store/accounts.ts'
import type { Tables } from './store/tables.ts'
import { issueToken } from './tokens.ts'
import { base32, keyUri, secretOctets, stepThatFits } from './totp.ts'

/** To find the telephone and type six digits; the password is asked for again after. */
export const halfTokenMs = 10 * 60_000
const triesOfHalf = 5
const recoveryCodes = 10
/** 80 bits: a copy of the file does not give them away */
const recoverySymbols = 16
/** what apps show above the code */
const issuer = 'Công Sở'

/** `byKey`: passkeys are all there is, no app */
export type SecondFactorState = { on: boolean; since?: number; byKey?: true; recoveryCodesLeft: number }
/** a code of the app or a recovery code; or that a passkey was shown, which the caller has checked; or neither: an administrator */
export type Proven = { code: string } | 'passkey' | 'administrator'

export function secondFactors(db: DatabaseSync, t: Tables, now: () => number) {
  const brake = new Brake(db, t, now)
  const person = (address: Address): AccountRow => {
    const account = t.accounts.byAddress(fold(address))
    if (account?.kind !== 'person')
      throw new Refusal(404, `Không có tài khoản cá nhân ${fold(address)}.`, 'no such person')
    return account
  }

  /** Takes a code of the app or a recovery code. @throws Refusal 422 wrong (counted), 429 slowed */
  function take(account: number, typed: string): void {
    // Counted apart from passwords: whoever has the password must not get fresh guesses by showing it again.
    const counters: Counter[] = [['code', String(account)]]
    brake.count(counters)
    const fits = transact(db, () => {
      const row = t.secondFactors.get(account)
      if (!row) return false
      const code = typed.replaceAll(/[\s-]/g, '').toLowerCase()
      const step = row.byKey ? undefined : stepThatFits(row.secret, code, now(), row.lastStep)
      if (step !== undefined) t.secondFactors.used(account, step)
      return step !== undefined || (row.confirmed !== undefined && t.secondFactors.useCode(account, code))
    })
    if (!fits) throw wrongCode()
    t.failures.remove('code', String(account))
  }

  function whoseHalf(half: string): number {
    const row = t.halfTokens.get(half)
    if (!row || row.expires <= now() || row.tries >= triesOfHalf)
      throw new Refusal(401, 'Đã quá lâu hoặc sai nhiều lần. Vui lòng đăng nhập lại từ đầu.', 'half token ended')
    return row.account
  }

  return {
    secondFactorOf(address: Address): SecondFactorState {
      const { id } = person(address)
      const row = t.secondFactors.get(id)
      return row?.confirmed === undefined
        ? { on: false, recoveryCodesLeft: 0 }
        : {
            on: true,
            since: row.confirmed,
            ...(row.byKey && { byKey: true }),
            recoveryCodesLeft: t.secondFactors.codesLeft(id),
          }
    },

    /** A new secret, of no effect before `confirmSecondFactor`. @throws Refusal 409 when it is on already */
    beginSecondFactor(address: Address): { uri: string; secret: string } {
      const account = person(address)
      if (t.secondFactors.isOn(account.id)) throw alreadyOn()
      const secret = t.secondFactors.get(account.id)?.secret ?? randomBytes(secretOctets)
      t.secondFactors.begin(account.id, secret)
      return { uri: keyUri(secret, account.address, issuer), secret: base32(secret) }
    },

    /**
     * Turns it on with the first code, which proves that the app has the secret. The main password opens mail programs no
     * longer, so the keys that SCRAM has of it go too.
     * @returns recovery codes, which can be shown only now
     * @throws Refusal 409, 422, 429
     */
    confirmSecondFactor(address: Address, code: string): string[] {
      const { id } = person(address)
      if (t.secondFactors.isOn(id)) throw alreadyOn()
      take(id, code)
      return transact(db, () => {
        const step = t.secondFactors.get(id)!.lastStep
        t.secondFactors.confirm(id, now(), step)
        t.scram.remove(id)
        return newCodes(t, id)
      })
    },

    /** Turns it on without an app, for somebody who has a passkey. @returns recovery codes. @throws Refusal 409 */
    secondFactorByKey(address: Address): string[] {
      const { id } = person(address)
      return transact(db, () => {
        if (t.secondFactors.isOn(id)) throw alreadyOn()
        if (!t.passkeys.ofAccount(id).some(({ blocked }) => blocked === undefined))
          throw new Refusal(409, 'Hãy thêm một khóa truy cập trước.', 'no passkey')
        t.secondFactors.putByKey(id, now())
        t.scram.remove(id)
        return newCodes(t, id)
      })
    },

    /** New recovery codes in the place of the old. @throws Refusal 404, 422, 429 */
    renewRecoveryCodes(address: Address, proven: Exclude<Proven, 'administrator'>): string[] {
      const { id } = person(address)
      if (!t.secondFactors.isOn(id)) throw new Refusal(404, 'Chưa bật xác thực hai lớp.', 'no second factor')
      if (proven !== 'passkey') take(id, proven.code)
      return transact(db, () => newCodes(t, id))
    },

    /** An administrator, for somebody whose telephone is lost, needs no code. @throws Refusal 404, 422, 429 */
    endSecondFactor(address: Address, proven: Proven): void {
      const { id } = person(address)
      if (!t.secondFactors.get(id)) throw new Refusal(404, 'Chưa bật xác thực hai lớp.', 'no second factor')
      if (typeof proven === 'object') take(id, proven.code)
      transact(db, () => t.secondFactors.remove(id))
    },

    /** From an app and passkeys to passkeys alone; recovery codes stay. @throws Refusal 404 no app, 409 no passkey, 422, 429 */
    dropApp(address: Address, proven: Proven): void {
      const { id } = person(address)
      const row = t.secondFactors.get(id)
      if (row?.confirmed === undefined || row.byKey)
        throw new Refusal(404, 'Xác thực hai lớp không dùng ứng dụng nào.', 'no app')
      if (typeof proven === 'object') take(id, proven.code)
      transact(db, () => {
        if (!t.passkeys.ofAccount(id).some(({ blocked }) => blocked === undefined))
          throw new Refusal(409, 'Hãy thêm một khóa truy cập trước.', 'no passkey')
        t.secondFactors.putByKey(id, row.confirmed!)
      })
    },

    needsSecondFactor: (account: number) => t.secondFactors.isOn(account),

    /** After the right password: a token that opens nothing but the second step. */
    issueHalfToken(account: number): { token: string; expires: number } {
      const token = `ch_${randomBytes(32).toString('base64url')}`
      const expires = now() + halfTokenMs
      t.halfTokens.insert(token, account, expires, now())
      return { token, expires }
    },

    /** Whose sign-in is half done. @throws Refusal 401 when the half token has ended (five tries) */
    whoseHalf,
    /** The same, and counts a try. @throws Refusal 401 */
    tryHalf(half: string): number {
      const account = whoseHalf(half)
      t.halfTokens.tried(half)
      return account
    },
    /** An app gives codes: the second step may ask for one that is no recovery code. */
    hasApp: (account: number) => t.secondFactors.get(account)?.byKey === false,

    /** After `tryHalf`. @throws Refusal 401 used already, 422 wrong code, 429 slowed */
    completeSignIn(
      half: string,
      account: number,
      proven: Exclude<Proven, 'administrator'>,
      from: { ip?: string; client?: string } = {},
    ): { token: string; expires: number } {
      if (proven !== 'passkey') take(account, proven.code)
      return transact(db, () => {
        if (!t.halfTokens.remove(half)) throw new Refusal(401, 'Vui lòng đăng nhập lại từ đầu.', 'half token used')
        return issueToken(t, account, now(), undefined, from)
      })
    },
  }
}

function newCodes(t: Tables, account: number): string[] {
  const symbols = Array.from({ length: recoveryCodes }, () => randomSymbolsOf(recoverySymbols))
  t.secondFactors.setCodes(account, symbols)
  return symbols.map((each) => each.match(/.{4}/g)!.join('-'))
}

const alreadyOn = () => new Refusal(409, 'Xác thực hai lớp đã bật.', 'second factor is on')
function wrongCode(): Refusal {
  const text =
    'Mã không đúng hoặc đã dùng. Xem lại mã đang hiện trên điện thoại; nếu vẫn sai, kiểm tra giờ của điện thoại.'
  return new Refusal(422, text, 'wrong code', { fields: { code: text } })
}
