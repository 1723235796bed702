import type { Address } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { domainOf, fold, splitAddress } from './address.ts'
import { dayOf, isActive } from './inforce.ts'
import type { AccountRow } from './store/accounts.ts'
import type { AliasRow } from './store/aliases.ts'
import type { Tables } from './store/tables.ts'

/** Everybody in a large province and a half; more is a mistake in a group. */
export const expansionLimit = 10_000

/** A group with members elsewhere, as a delivery to it needs it. */
export type ListOf = {
  /** the account that sends for it */
  account: AccountRow
  address: Address
  name: string
  /** the world may write to it */
  open: boolean
  /** who answers for it */
  owner: Address
  /** addresses elsewhere */
  members: readonly Address[]
}

export type Resolved =
  | { verdict: 'ok'; accounts: readonly AccountRow[]; lists: readonly ListOf[] }
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
 * As `resolve`, for mail that is to be delivered: bounces of a group go to its owner, and an address of ours that nobody has leads to the catch-all of its domain, if there
 * is one. Nobody has such an address as a name of his own, so questions of rights do not come here.
 */
export function route(t: Tables, address: string, from: 'inside' | 'outside', now: number): Resolved {
  const found = named(t, address, from, now)
  // what cannot be delivered to a group's members elsewhere comes back to who answers for it
  const only = found?.verdict === 'ok' && found.accounts.length === 1 ? found.accounts[0]! : undefined
  const owner = only?.kind === 'service' ? t.aliases.ofListAccount(only.id)?.owner : undefined
  if (owner !== undefined) return resolve(t, owner, 'inside', now)
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
  const lists: ListOf[] = []
  const seen = new Set<string>()
  const open: Entry[] = [first]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ('account' in next) reached.set(next.account.id, next.account)
    else {
      const list = listOf(t, next.alias)
      if (list) lists.push(list)
      for (const member of next.alias.members) {
        if (seen.has(member)) continue
        seen.add(member)
        const entry = seen.size > 2 * expansionLimit ? undefined : entryOf(t, member)
        if (entry) open.push(entry)
      }
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
  const sending = lists.filter((l) => isActive(l.account, day))
  if (active.length === 0 && sending.length === 0) return { verdict: 'disabled' }
  return { verdict: 'ok', accounts: active, lists: sending }
}

function listOf(t: Tables, { address, name, outside, owner, listAccount, members }: AliasRow): ListOf | undefined {
  if (owner === undefined || listAccount === undefined) return undefined
  const elsewhere = members.filter((member) => !t.domains.has(domainOf(member)))
  const account = elsewhere.length > 0 ? t.accounts.byId(listAccount) : undefined
  return account && { account, address, name: name ?? address, open: outside, owner, members: elsewhere }
}

type Entry = { account: AccountRow } | { alias: AliasRow }

function entryOf(t: Tables, address: string): Entry | undefined {
  const account = t.accounts.byAddress(address)
  if (account) return { account }
  const alias = t.aliases.get(address)
  return alias && { alias }
}
