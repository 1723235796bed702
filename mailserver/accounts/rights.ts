import type { Address, Grant } from '#kit/directory/calls.ts'
import { fold, splitAddress } from './address.ts'
import { resolve } from './deliver.ts'
import { dayOf, holdsAt, isActive } from './inforce.ts'
import type { AccountRow } from './store/accounts.ts'
import type { Tables } from './store/tables.ts'

/** Grants of a person in force at `at`, on offices that are active on that day; none when the person is not. */
export function grantsAt(t: Tables, person: Address, at: number): (Grant & { officeRow: AccountRow })[] {
  const holder = t.accounts.byAddress(fold(person))
  const day = dayOf(at)
  if (!holder || !isActive(holder, day)) return []
  return t.grants.find({ person: holder.address }).flatMap((g) => {
    if (!holdsAt(g, at)) return []
    const officeRow = t.accounts.byAddress(g.office)
    return officeRow && isActive(officeRow, day) ? [{ ...g, officeRow }] : []
  })
}

/** The grant with `right` that was in force at `at` and still is at `now`. A new grant of the same right does not heal an old act. */
export function holds(
  t: Tables,
  q: { person: Address; office: Address; right: Grant['rights'][number]; at: number; now: number },
): Grant | undefined {
  const still = new Set(grantsAt(t, q.person, q.now).map((g) => g.grant))
  const found = grantsAt(t, q.person, q.at).find(
    (g) => g.office === fold(q.office) && g.rights.includes(q.right) && still.has(g.grant),
  )
  if (!found) return undefined
  const { officeRow: _, ...grant } = found
  return grant
}

export type MayBe = { as: 'self' } | { as: 'office'; office: AccountRow; grant: string }

/** Whose name a signed-in account may put into From: its own address, its aliases, an office with the right `send`. Never a register. */
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
  if (target.kind !== 'office') return undefined
  const grant = grantsAt(t, person.address, now).find((g) => g.officeRow.id === target.id && g.rights.includes('send'))
  return grant && { as: 'office', office: target, grant: grant.grant }
}

function isGroup(t: Tables, address: Address): boolean {
  return t.aliases.get(fold(address))?.group === true
}
