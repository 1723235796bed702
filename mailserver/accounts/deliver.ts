import { Refusal } from '#kit/refusal.ts'
import { fold, splitAddress } from './address.ts'
import { dayOf, isActive } from './inforce.ts'
import type { AccountRow } from './store/accounts.ts'
import type { AliasRow } from './store/aliases.ts'
import type { Tables } from './store/tables.ts'

/** Everybody in a large province and a half; more is a mistake in a group. */
export const expansionLimit = 10_000

export type Resolved =
  | { verdict: 'ok'; accounts: readonly AccountRow[] }
  | { verdict: 'unknown' | 'disabled' | 'not-ours' | 'internal-only' }

/**
 * The accounts that mail to `address` reaches. Aliases and groups are followed, each once, so loops end. Accounts that are
 * switched off or out of their dates drop out of a group; a group that reaches nobody is `disabled`.
 *
 * @param from 'outside' for mail from the world: closed groups refuse it
 * @throws Refusal 507 when a group reaches more than `expansionLimit` accounts
 */
export function resolve(t: Tables, address: string, from: 'inside' | 'outside', now: number): Resolved {
  const found = named(t, address, from, now)
  return found === undefined ? { verdict: 'unknown' } : found
}

/**
 * As `resolve`, for mail that is to be delivered: an address of ours that nobody has leads to the catch-all of its domain, if there
 * is one. Nobody has such an address as a name of his own, so questions of rights do not come here.
 */
export function route(t: Tables, address: string, from: 'inside' | 'outside', now: number): Resolved {
  const found = named(t, address, from, now)
  if (found) return found
  const parts = splitAddress(address)
  const all = parts && t.aliases.get(catchAllOf(parts.domain))
  return all ? expand(t, { alias: all }, address, now) : { verdict: 'unknown' }
}

/** How the catch-all of a domain is written: "@haiduong.gov.vn". No mail can name it. */
export const catchAllOf = (domain: string): string => `@${domain}`

/** @returns undefined for an address of ours that nobody has */
function named(t: Tables, address: string, from: 'inside' | 'outside', now: number): Resolved | undefined {
  const bare = fold(address) === 'postmaster' ? t.domains.all()[0] : undefined // RFC 5321 §4.5.1: without a domain too
  if (bare !== undefined) return named(t, `postmaster@${bare}`, from, now)
  const parts = splitAddress(address)
  if (!parts) return { verdict: 'unknown' }
  if (!t.domains.has(parts.domain)) return { verdict: 'not-ours' }
  const exact = fold(address)
  const base = `${parts.local}@${parts.domain}`
  const first = entryOf(t, exact) ?? (base === exact ? undefined : entryOf(t, base))
  if (!first) return undefined
  if ('alias' in first && from === 'outside' && !first.alias.outside) return { verdict: 'internal-only' }
  return expand(t, first, address, now)
}

function expand(t: Tables, first: Entry, address: string, now: number): Resolved {
  const reached = new Map<number, AccountRow>()
  const seen = new Set<string>()
  const open: Entry[] = [first]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ('account' in next) reached.set(next.account.id, next.account)
    else
      for (const member of next.alias.members) {
        if (seen.has(member)) continue
        seen.add(member)
        const entry = seen.size > 2 * expansionLimit ? undefined : entryOf(t, member)
        if (entry) open.push(entry)
      }
    if (reached.size > expansionLimit || seen.size > 2 * expansionLimit)
      throw new Refusal(
        507,
        'Nhóm này quá lớn. Vui lòng báo quản trị viên.',
        `${address} reaches more than ${expansionLimit} accounts`,
      )
  }
  const day = dayOf(now)
  const active = [...reached.values()].filter((a) => isActive(a, day))
  return active.length > 0 ? { verdict: 'ok', accounts: active } : { verdict: 'disabled' }
}

type Entry = { account: AccountRow } | { alias: AliasRow }

function entryOf(t: Tables, address: string): Entry | undefined {
  const account = t.accounts.byAddress(address)
  if (account) return { account }
  const alias = t.aliases.get(address)
  return alias && { alias }
}
