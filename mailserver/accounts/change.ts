/**
 * Changes to accounts, aliases, groups and grants, each checked against what is already there. Every function is one
 * transaction and throws a Refusal (404, 409, 422) when the change cannot be.
 */
import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import {
  type AccountKind,
  type Address,
  accountKinds,
  type Grant,
  type LocalDate,
  type OfficeRole,
  officeRights,
} from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import { fold, isDomain } from './address.ts'
import { aliasChanges } from './aliaschanges.ts'
import { behalfChanges } from './behalf.ts'
import { isForeignHash } from './foreignhash.ts'
import { checkAddress, checkName, holderOf, instant, invalid, period } from './given.ts'
import { dayOf } from './inforce.ts'
import { directoryPassword } from './judge.ts'
import { checkNewPassword, hashPassword } from './password.ts'
import { deriveKeys, iterations, saltOf } from './scramkeys.ts'
import type { AccountRow } from './store/accounts.ts'
import type { Tables } from './store/tables.ts'

/** design §6: 1 GB per person; decimal, as every page counts */
export const personQuota = 1_000_000_000

export type AddAccount = {
  address: Address
  name: string
  kind?: AccountKind
  password?: string
  /** what another server kept of it (foreignhash.ts) */
  passwordHash?: string
  quota?: number
  mostMessages?: number
  agency?: string
  department?: string
  title?: string
  role?: OfficeRole
  from?: LocalDate
  to?: LocalDate
}

export function changes(db: DatabaseSync, t: Tables, now: () => number) {
  const mustHave = (address: Address): AccountRow => {
    const found = t.accounts.byAddress(fold(address))
    if (!found) throw new Refusal(404, `Không có tài khoản ${fold(address)}.`, 'no such account')
    return found
  }
  return {
    addDomain(domain: string): boolean {
      const name = fold(domain)
      if (!isDomain(name) || !name.includes('.')) throw invalid('domain', `"${name}" không phải là tên miền.`)
      return t.domains.add(name, now())
    },

    async addAccount(a: AddAccount): Promise<AccountRow> {
      if (a.password !== undefined) checkNewPassword(a.password)
      if (a.passwordHash !== undefined) checkHash(a.passwordHash, a.password)
      const hashed = a.password === undefined ? undefined : await hash(t, fold(a.address), a.password)
      return transact(db, () => {
        const account = insertAccount(t, a, hashed?.password ?? a.passwordHash, now())
        hashed?.keep(account.id)
        return account
      })
    },

    async setAccount(
      address: Address,
      change: {
        name?: string
        password?: string
        passwordHash?: string
        quota?: number
        mostMessages?: number | null
        title?: string
      },
    ): Promise<AccountRow> {
      const account = mustHave(address)
      const { password, passwordHash, mostMessages, ...rest } = change
      const most = mostMessages === undefined ? {} : { mostMessages: mostMessages ?? undefined }
      if (rest.name !== undefined) rest.name = checkName(rest.name)
      if (rest.quota !== undefined) checkQuota(account.kind, rest.quota)
      if (most.mostMessages !== undefined) checkQuota(account.kind, most.mostMessages, 'mostMessages')
      if (passwordHash !== undefined) checkHash(passwordHash, password)
      if (password !== undefined) checkNewPassword(password)
      if (password !== undefined || passwordHash !== undefined) {
        if (account.kind !== 'person') throw invalid('password', 'Chỉ cá nhân mới có mật khẩu.')
      }
      const hashed = password === undefined ? undefined : await hash(t, account.address, password)
      return transact(db, () => {
        const kept = hashed?.password ?? passwordHash
        t.accounts.change(account.id, { ...rest, ...most, ...(kept !== undefined && { password: kept }) })
        hashed?.keep(account.id)
        return mustHave(address)
      })
    },

    disable(address: Address, disabled: boolean): AccountRow {
      return transact(db, () => {
        t.accounts.change(mustHave(address).id, { disabled })
        return mustHave(address)
      })
    },

    /** `person` may be a group. */
    addGrant(g: NewGrant): Grant {
      return transact(db, () => insertGrant(t, { ...g, ...(g.by && { at: new Date(now()).toISOString() }) }))
    },

    endGrant(id: string, at: string, by?: Address): Grant {
      return transact(db, () => {
        const grant = t.grants.byId(id)
        if (!grant) throw new Refusal(404, 'Không có phân quyền này.', `no grant ${id}`)
        const end = instant('at', at)
        if (end < Date.parse(grant.from)) throw invalid('at', 'Ngày kết thúc trước ngày bắt đầu.')
        // an end that has passed is history: acts were decided by it
        if (grant.to !== undefined && Date.parse(grant.to) <= now())
          throw new Refusal(409, 'Phân quyền này đã kết thúc.', `grant ${id} has ended`)
        t.grants.end(id, end, by === undefined ? undefined : { by, now: now() })
        return t.grants.byId(id)!
      })
    },

    ...aliasChanges(db, t, now, insertAccount),
    ...behalfChanges(db, t, now),
  }
}

/** @throws Refusal 422 with the field `passwordHash` */
function checkHash(hash: string, password: string | undefined): void {
  if (password !== undefined) throw invalid('passwordHash', 'Chỉ nhập mật khẩu hoặc mã băm, không nhập cả hai.')
  if (hash !== directoryPassword && !isForeignHash(hash))
    throw invalid(
      'passwordHash',
      'Mã băm không đúng mẫu, hoặc tốn quá nhiều để kiểm tra; nhận ARGON2ID, BLF-CRYPT, SHA512-CRYPT, SHA256-CRYPT, SSHA512, SSHA256, SSHA.',
    )
}

/** A new password's hash, and its SCRAM keys to be kept in the same transaction. */
async function hash(t: Tables, address: Address, secret: string) {
  const password = await hashPassword(secret)
  const keys = await deriveKeys(secret, saltOf(t.scram.installation, address))
  return {
    password,
    keep(account: number): void {
      if (keys && !t.secondFactors.isOn(account)) t.scram.put(account, password, iterations, keys)
    },
  }
}

/** Call inside a transaction. `password` is a hash. */
export function insertAccount(t: Tables, a: AddAccount, password: string | undefined, now: number): AccountRow {
  const address = checkAddress(t, a.address)
  const kind = a.kind ?? 'person'
  if (!accountKinds.includes(kind)) throw invalid('kind', 'Loại tài khoản không đúng.')
  if (password !== undefined && kind !== 'person') throw invalid('password', 'Chỉ cá nhân mới có mật khẩu.')
  if (t.accounts.byAddress(address) || t.aliases.get(address))
    throw new Refusal(409, `${address} đã có.`, 'address is taken', { fields: { address: `${address} đã có.` } })
  const quota = a.quota ?? (kind === 'person' ? personQuota : undefined)
  if (quota !== undefined) checkQuota(kind, quota)
  if (a.mostMessages !== undefined) checkQuota(kind, a.mostMessages, 'mostMessages')
  const { department, title, role, to, agency } = a
  const id = t.accounts.insert({
    address,
    kind,
    name: checkName(a.name),
    from: a.from ?? dayOf(now),
    ...(agency !== undefined && { agency }),
    ...(department !== undefined && { department }),
    ...(title !== undefined && { title }),
    ...(role !== undefined && { role }),
    ...(to !== undefined && { to }),
    ...(quota !== undefined && { quota }),
    ...(a.mostMessages !== undefined && { mostMessages: a.mostMessages }),
    ...(password !== undefined && { password }),
  })
  return t.accounts.byId(id)!
}

export type NewGrant = {
  person: Address
  office: Address
  rights: Grant['rights']
  from: string
  to?: string
  by?: Address
}

/** Call inside a transaction. */
export function insertGrant(t: Tables, g: NewGrant & { at?: string }): Grant {
  const { holder, group } = holderOf(t, g.person)
  const office = t.accounts.byAddress(fold(g.office))
  if (office?.kind !== 'office' && office?.kind !== 'register')
    throw invalid('office', `${fold(g.office)} không phải là hộp thư chức danh hay hộp thư sổ.`)
  const rights = officeRights.filter((r) => g.rights.includes(r))
  if (rights.length === 0 || rights.length !== new Set(g.rights).size)
    throw invalid('rights', 'Quyền là read, act, send, manage; cần ít nhất một.')
  // design §5: no person may send as a register, and only workers act for one
  if (office.kind === 'register' && rights.some((r) => r !== 'read'))
    throw invalid('rights', 'Hộp thư sổ chỉ cho quyền đọc.')
  const grant: Grant = {
    grant: `g-${randomBytes(8).toString('hex')}`,
    person: holder,
    office: office.address,
    rights,
    ...period(g),
    ...(g.by !== undefined && { by: fold(g.by) }),
    ...(g.at !== undefined && { at: g.at }),
  }
  t.grants.insert(grant)
  return group ? { ...grant, group: holder } : grant
}

function checkQuota(kind: AccountKind, limit: number, field: 'quota' | 'mostMessages' = 'quota'): void {
  if (kind !== 'person') throw invalid(field, 'Hộp thư công vụ không có giới hạn dung lượng.')
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw invalid(field, `${field === 'quota' ? 'Dung lượng là số octet' : 'Số thư là số nguyên'}, từ 0 trở lên.`)
}
