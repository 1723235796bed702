import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { AccountKind, Address, LocalDate, OfficeRole } from '#kit/directory/calls.ts'
import { matches } from '#kit/vi/fold.ts'

/** A row of `account`, with absent things absent. Dates decide nothing here; see ../inforce.ts. */
export type AccountRow = {
  id: number
  address: Address
  kind: AccountKind
  name: string
  agency?: string
  department?: string
  title?: string
  role?: OfficeRole
  quota?: number
  mostMessages?: number
  password?: string
  disabled: boolean
  from: LocalDate
  to?: LocalDate
}
export type NewAccount = Omit<AccountRow, 'id' | 'disabled'>
export type AccountChange = Partial<Omit<AccountRow, 'id' | 'address' | 'kind'>>

const columns: Record<keyof AccountChange, string> = {
  name: 'name',
  agency: 'agency',
  department: 'department',
  title: 'title',
  role: 'role',
  quota: 'quota',
  mostMessages: 'most_messages',
  password: 'password',
  disabled: 'disabled',
  from: 'from_day',
  to: 'to_day',
}

export function accountTable(db: DatabaseSync) {
  const byAddress = db.prepare('select * from account where address = ?')
  const byId = db.prepare('select * from account where id = ?')
  const insert = db.prepare(
    `insert into account (address, kind, name, agency, department, title, role, quota, most_messages, password, from_day, to_day)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const ofAgency = db.prepare('select * from account where agency = ? order by kind, address')
  const page = db.prepare(
    'select * from account where address > :after and (:kind is null or kind = :kind) order by address limit :limit',
  )
  const count = db.prepare('select count(*) as n from account where :kind is null or kind = :kind')
  const everyone = db.prepare('select * from account order by id')
  return {
    byAddress: (address: Address) => toRow(byAddress.get(address)),
    byId: (id: number) => toRow(byId.get(id)),
    ofAgency: (agency: string) => ofAgency.all(agency).map((r) => toRow(r)!),
    everyone: () => everyone.all().map((r) => toRow(r)!),
    /** by address; a query is answered without marks, over names, titles and addresses (some thousand rows: milliseconds) */
    page({ kind, q, after = '', limit }: { kind?: AccountKind; q?: string; after?: Address; limit: number }) {
      const filter = { kind: kind ?? null }
      if (!q)
        return {
          rows: page.all({ ...filter, after, limit }).map((r) => toRow(r)!),
          total: Number(count.get(filter)?.['n']),
        }
      const found = page
        .all({ ...filter, after: '', limit: -1 })
        .map((r) => toRow(r)!)
        .filter((a) => matches(`${a.name} ${a.title ?? ''} ${a.address}`, q) > 0)
      return { rows: found.filter((a) => a.address > after).slice(0, limit), total: found.length }
    },
    /** @throws when the address is taken: check first, inside the same transaction */
    insert(a: NewAccount): number {
      const values = [a.agency, a.department, a.title, a.role, a.quota, a.mostMessages, a.password].map(
        (v) => v ?? null,
      )
      return Number(insert.run(a.address, a.kind, a.name, ...values, a.from, a.to ?? null).lastInsertRowid)
    },
    /** Only the named fields change; undefined clears one. */
    change(id: number, change: AccountChange): void {
      const names = Object.keys(change) as (keyof AccountChange)[]
      if (names.length === 0) return
      const values: SQLInputValue[] = names.map((n) => (n === 'disabled' ? Number(change[n]) : (change[n] ?? null)))
      db.prepare(`update account set ${names.map((n) => `${columns[n]} = ?`).join(', ')} where id = ?`).run(
        ...values,
        id,
      )
    },
  }
}

function toRow(r: Record<string, unknown> | undefined): AccountRow | undefined {
  if (!r) return undefined
  const row: AccountRow = {
    id: Number(r['id']),
    address: String(r['address']),
    kind: r['kind'] as AccountKind,
    name: String(r['name']),
    disabled: r['disabled'] === 1,
    from: String(r['from_day']),
  }
  for (const name of ['agency', 'department', 'title', 'password'] as const)
    if (r[name] !== null) row[name] = String(r[name])
  if (r['role'] !== null) row.role = r['role'] as OfficeRole
  if (r['quota'] !== null) row.quota = Number(r['quota'])
  if (r['most_messages'] !== null) row.mostMessages = Number(r['most_messages'])
  if (r['to_day'] !== null) row.to = String(r['to_day'])
  return row
}
