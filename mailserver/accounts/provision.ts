import type { DatabaseSync } from 'node:sqlite'
import type { AgencyData, PersonData, Province } from '#config/province.ts'
import type { Address, Agency, LocalDate } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { transact } from '#kit/store/transact.ts'
import { fold } from './address.ts'
import { type AddAccount, insertAccount, insertGrant } from './change.ts'
import { hashPassword } from './password.ts'
import type { Tables } from './store/tables.ts'

/** The administrators' mailbox: postmaster@ and abuse@ (RFC 5321 §4.5.1, RFC 2142) lead to it, and it has no quota. */
export const adminOffice = { local: 'quantri', name: 'Quản trị hệ thống thư' }
const adminAliases = ['postmaster', 'abuse', 'hostmaster', 'webmaster']

/**
 * Brings agencies, accounts and grants to what the province's data says. Repeating it changes nothing; it never removes, never
 * replaces a password, and leaves quotas and switched-off accounts as administrators set them. Dates become instants at
 * midnight in Vietnam.
 *
 * @param data a `Province` that `loadProvince` checked; each account is checked here again
 * @param passwords by address, for people who have none yet
 * @returns how many agencies, accounts and grants are new
 */
export async function provision(
  db: DatabaseSync,
  t: Tables,
  data: unknown,
  passwords: Readonly<Record<Address, string>>,
  now: number,
): Promise<number> {
  const province = checked(data)
  const hashes = new Map<Address, string>()
  for (const [address, password] of Object.entries(passwords))
    if (t.accounts.byAddress(fold(address))?.password === undefined)
      hashes.set(fold(address), await hashPassword(password))

  return transact(db, () => {
    let added = 0
    t.domains.add(fold(province.domain), now)
    const bring = (a: AddAccount) => {
      const { address, kind: _, quota: __, password: ___, ...rest } = a
      const had = t.accounts.byAddress(fold(address))
      if (had) {
        const known = { ...rest, name: rest.name.normalize('NFC').trim() }
        t.accounts.change(had.id, { department: undefined, title: undefined, to: undefined, ...known } as typeof rest)
      } else {
        insertAccount(t, a, undefined, now)
        added++
      }
      const hash = hashes.get(fold(address))
      const row = t.accounts.byAddress(fold(address))!
      if (hash !== undefined && row.password === undefined) t.accounts.change(row.id, { password: hash })
    }
    for (const agency of province.agencies) {
      if (!t.agencies.byId(agency.id)) added++
      t.agencies.put(toAgency(agency))
      bring({
        ...common(agency),
        address: agency.register,
        kind: 'register',
        name: `Sổ hồ sơ ${agency.name}`,
        agency: agency.id,
        role: 'register',
      })
      for (const office of agency.offices) {
        const { address, name, role, department } = office
        bring({
          ...common(office),
          address,
          name,
          role,
          kind: 'office',
          agency: agency.id,
          ...(department && { department }),
        })
      }
    }
    const first = province.agencies[0]
    const from = first?.from ?? '2020-01-01'
    bring({ address: province.portal, kind: 'service', name: 'Cổng Dịch vụ công', from })
    added += bringAdmin(t, province.domain, from, now)
    for (const person of province.people) {
      const { address, name, agency, department, title } = person
      bring({ ...common(person), address, name, kind: 'person', agency, title, ...(department && { department }) })
      added += bringGrants(t, person)
    }
    return added
  })
}

function bringAdmin(t: Tables, domain: string, from: LocalDate, now: number): number {
  const address = `${adminOffice.local}@${fold(domain)}`
  const had = t.accounts.byAddress(address)
  if (!had) insertAccount(t, { address, kind: 'office', name: adminOffice.name, from }, undefined, now)
  for (const local of adminAliases) {
    const alias = `${local}@${fold(domain)}`
    if (!t.accounts.byAddress(alias) && !t.aliases.get(alias))
      t.aliases.put({ address: alias, group: false, outside: true, members: [address] }, now)
  }
  return had ? 0 : 1
}

function bringGrants(t: Tables, person: PersonData): number {
  let added = 0
  const have = t.grants.find({ person: fold(person.address) })
  for (const held of person.holds) {
    const from = midnight(held.from)
    const same = have.find((g) => g.office === fold(held.office) && g.from === from)
    if (!same) {
      insertGrant(t, {
        person: person.address,
        office: held.office,
        rights: held.rights,
        from,
        ...(held.to && { to: midnight(held.to) }),
      })
      added++
    } else if (held.to && same.to === undefined) t.grants.end(same.grant, Date.parse(midnight(held.to)))
  }
  return added
}

function common({ from, to }: { from: LocalDate; to?: LocalDate }): { from: LocalDate; to?: LocalDate } {
  return to === undefined ? { from } : { from, to }
}

function midnight(day: LocalDate): string {
  return new Date(`${day}T00:00:00+07:00`).toISOString()
}

function toAgency(a: AgencyData): Agency {
  const { offices: _, ...agency } = a
  return { ...agency, register: fold(a.register) }
}

/** The lists this file walks are lists; what is in them is checked where it is stored. */
function checked(data: unknown): Province {
  const p = data as Partial<Province> | null
  if (typeof p !== 'object' || p === null || typeof p.domain !== 'string' || typeof p.portal !== 'string')
    throw broken('domain, portal')
  if (
    !Array.isArray(p.agencies) ||
    !p.agencies.every((a) => Array.isArray(a?.offices) && Array.isArray(a?.departments))
  )
    throw broken('agencies')
  if (!Array.isArray(p.people) || !p.people.every((x) => Array.isArray(x?.holds))) throw broken('people')
  return p as Province
}

function broken(what: string): Refusal {
  return new Refusal(422, 'Dữ liệu của tỉnh không đúng cấu trúc.', `province data: ${what}`)
}
