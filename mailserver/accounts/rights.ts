import type { Address, Behalf, Grant, OfficeRight } from '#kit/directory/calls.ts'
import { fold, splitAddress } from './address.ts'
import { resolve } from './deliver.ts'
import { dayOf, holdsAt, isActive } from './inforce.ts'
import type { AccountRow } from './store/accounts.ts'
import type { Tables } from './store/tables.ts'

/** A person is in so many groups at most; more is a mistake, and would make every question long. */
const groupLimit = 1_000

/**
 * Aliases and groups that name one of these addresses, directly or through others; without the addresses themselves. Asked for a
 * time that is past, those in which they were then and have been since.
 */
export function groupsOf(t: Tables, addresses: Iterable<Address>, at: number): Set<Address> {
  return new Set(t.aliases.above([...addresses], at, groupLimit))
}

/** Everything that an entry of an ACL may name to mean this person: herself, her groups, her offices, their groups, anyone. */
export function identitiesOf(t: Tables, person: Address, at: number): Set<string> {
  const held = grantsAt(t, person, at)
    .filter((g) => opensFolders(g.rights))
    .map((g) => g.officeRow.address)
  const names = [fold(person), ...held]
  return new Set([...names, ...groupsOf(t, names, at), 'anyone'])
}

/** All but the right to send alone. */
export const opensFolders = (rights: Grant['rights']): boolean => rights.some((right) => right !== 'send')

/** Grants of a person in force at `at`, on offices that are active on that day; none when the person is not. */
export function grantsAt(t: Tables, person: Address, at: number): (Grant & { officeRow: AccountRow })[] {
  const holder = t.accounts.byAddress(fold(person))
  const day = dayOf(at)
  if (!holder || !isActive(holder, day)) return []
  const names = [holder.address, ...groupsOf(t, [holder.address], at)]
  return t.grants.inForce(names, at).flatMap((g) => {
    const officeRow = t.accounts.byAddress(g.office)
    if (!officeRow || !isActive(officeRow, day)) return []
    // what is given to a group is held by each of its members: the same grant, in the member's own name
    return [{ ...g, ...(g.person === holder.address ? {} : { person: holder.address, group: g.person }), officeRow }]
  })
}

/** The grant with `right` that was in force at `at` and still is at `now`. A new grant of the same right does not heal an old act. */
export function holds(
  t: Tables,
  q: { person: Address; office: Address; right: OfficeRight; at: number; now: number },
): Grant | undefined {
  const still = new Set(grantsAt(t, q.person, q.now).map((g) => g.grant))
  const found = grantsAt(t, q.person, q.at).find(
    (g) => g.office === fold(q.office) && g.rights.includes(q.right) && still.has(g.grant),
  )
  if (!found) return undefined
  const { officeRow: _, ...grant } = found
  return grant
}

/** By which a person may send at `at`, also through groups; each in the person's own name. */
export function behalfAt(t: Tables, person: Address, at: number): Behalf[] {
  return [person, ...groupsOf(t, [person], at)]
    .flatMap((name) => t.behalf.ofPerson(name))
    .filter((each) => holdsAt(each, at) && each.owner !== person)
    .map((each) => ({ ...each, person }))
}

export type MayBe =
  | { as: 'self' }
  | { as: 'office'; office: AccountRow; grant: string }
  | { as: 'behalf'; owner: AccountRow; grant: string }

/** Whose name a signed-in account may put into From: its own address, its aliases, an office with the right `send`, a person who lets it send on her behalf. Never a register. */
export function mayBe(
  t: Tables,
  person: { id: number; address: Address },
  from: Address,
  now: number,
): MayBe | undefined {
  if (!splitAddress(from)) return undefined
  const found = resolve(t, from, 'inside', now)
  // an alias for several people is nobody's own name
  if (found.verdict !== 'ok' || found.accounts.length !== 1) return undefined
  const target = found.accounts[0]!
  if (target.kind === 'register') return undefined
  if (target.id === person.id) return isGroup(t, from) ? undefined : { as: 'self' }
  if (isGroup(t, from)) return undefined
  if (target.kind === 'person') {
    const behalf = behalfAt(t, person.address, now).find((each) => each.owner === target.address)
    return behalf && { as: 'behalf', owner: target, grant: behalf.behalf }
  }
  if (target.kind !== 'office') return undefined
  const grant = grantsAt(t, person.address, now).find((g) => g.officeRow.id === target.id && g.rights.includes('send'))
  return grant && { as: 'office', office: target, grant: grant.grant }
}

function isGroup(t: Tables, address: Address): boolean {
  return t.aliases.get(fold(address))?.group === true
}

/** @returns the address by which rights are kept, and the name that people see */
export function readIdentifier(t: Tables, text: string, now: number): { identifier: string; name: string } | undefined {
  const address = fold(text)
  if (address === 'anyone') return { identifier: address, name: 'Mọi người trong hệ thống' }
  const alias = t.aliases.get(address)
  if (alias?.group) return { identifier: address, name: alias.name ?? address }
  const found = resolve(t, address, 'inside', now)
  const only = found.verdict === 'ok' && found.accounts.length === 1 ? found.accounts[0] : undefined
  return only?.kind === 'person' || only?.kind === 'office' ? { identifier: only.address, name: only.name } : undefined
}

/** As they were given: a group's with the group as `person`. */
export function allGrants(t: Tables, { person, office }: { person?: Address; office?: Address }, now: number): Grant[] {
  const names = person === undefined ? [undefined] : [fold(person), ...groupsOf(t, [fold(person)], now)]
  return names
    .flatMap((name) => t.grants.find({ ...(name && { person: name }), ...(office && { office: fold(office) }) }))
    .map((g) => (t.aliases.get(g.person)?.group ? { ...g, group: g.person } : g))
}

/** Each member in the place of a group, as the group is now. */
export function heldBy(t: Tables, grants: readonly Grant[], now: number): Grant[] {
  return grants.flatMap((g) => {
    if (g.group === undefined || g.person !== g.group) return [g]
    const found = resolve(t, g.group, 'inside', now)
    if (found.verdict !== 'ok') return []
    return found.accounts.filter((a) => a.kind === 'person').map((a) => ({ ...g, person: a.address }))
  })
}
