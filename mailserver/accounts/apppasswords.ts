/** Making, listing and revoking app passwords. Each function throws a Refusal (404, 409, 422) when it cannot be. */
import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { type Address, type AppScope, appScopes } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import { fold } from './address.ts'
import { hashOfSymbols, makeAppPassword, symbolsOf } from './apppassword.ts'
import { deriveKeys, iterations, saltOf } from './scramkeys.ts'
import type { AccountRow } from './store/accounts.ts'
import type { AppPasswordRow } from './store/apppasswords.ts'
import type { Tables } from './store/tables.ts'

/** Devices of one person, with some forgotten; SCRAM tries each of them, at microseconds apiece. */
export const appPasswordsMost = 30
const nameLimit = 60

export type AddAppPassword = {
  address: Address
  name: string
  scopes: readonly AppScope[]
  /** milliseconds; absent: until revoked */
  expires?: number
}

export function appPasswords(db: DatabaseSync, t: Tables, now: () => number) {
  const person = (address: Address): AccountRow => {
    const account = t.accounts.byAddress(fold(address))
    if (!account) throw new Refusal(404, `Không có tài khoản ${fold(address)}.`, 'no such account')
    if (account.kind !== 'person')
      throw new Refusal(422, 'Chỉ cá nhân mới có mật khẩu ứng dụng.', 'not the account of a person')
    return account
  }
  return {
    /** @returns the app password itself, which is kept nowhere and can be shown only now */
    async addAppPassword(q: AddAppPassword): Promise<{ password: string; row: AppPasswordRow }> {
      const account = person(q.address)
      const name = checkName(q.name)
      const scopes = appScopes.filter((scope) => q.scopes.includes(scope))
      if (scopes.length === 0 || scopes.length !== new Set(q.scopes).size)
        throw invalid('scopes', 'Chọn ít nhất một trong: imap, pop3, smtp, sieve.')
      if (q.expires !== undefined && q.expires <= now()) throw invalid('expires', 'Ngày hết hạn phải ở tương lai.')
      const password = makeAppPassword()
      const keys = await deriveKeys(password, saltOf(t.scram.installation, account.address))
      const row: AppPasswordRow = {
        id: `ap-${randomBytes(8).toString('hex')}`,
        account: account.id,
        name,
        scopes,
        created: now(),
        ...(q.expires !== undefined && { expires: q.expires }),
      }
      transact(db, () => {
        if (t.appPasswords.count(account.id) >= appPasswordsMost)
          throw new Refusal(
            409,
            `Mỗi người có nhiều nhất ${appPasswordsMost} mật khẩu ứng dụng; hãy thu hồi những mật khẩu không dùng nữa.`,
            'too many app passwords',
          )
        t.appPasswords.insert(row, hashOfSymbols(symbolsOf(password)!), keys && { ...keys, iterations })
      })
      return { password, row }
    },
    /** newest first */
    appPasswordsOf: (address: Address): AppPasswordRow[] => t.appPasswords.ofAccount(person(address).id),
    /** Sessions that it opened end within a minute (`stillGood`). */
    revokeAppPassword(address: Address, id: string): void {
      transact(db, () => {
        const account = person(address)
        if (t.appPasswords.byId(id)?.account !== account.id)
          throw new Refusal(404, 'Không có mật khẩu ứng dụng này, hoặc đã thu hồi.', `no app password ${id}`)
        t.appPasswords.remove(id)
      })
    },
  }
}

function checkName(name: string): string {
  const clean = name.normalize('NFC').trim()
  if (clean === '' || clean.length > nameLimit || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(clean))
    throw invalid('name', `Tên thiết bị cần từ 1 đến ${nameLimit} ký tự, trên một dòng.`)
  return clean
}

function invalid(field: string, advice: string): Refusal {
  return new Refusal(422, advice, `${field} is not valid`, { fields: { [field]: advice } })
}
