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
  const bare = fold(address) === 'postmaster' ? t.domains.all()[0] : undefined // RFC 5321 §4.5.1: without a domain too
  if (bare !== undefined) return resolve(t, `postmaster@${bare}`, from, now)
  const parts = splitAddress(address)
  if (!parts) return { verdict: 'unknown' }
  if (!t.domains.has(parts.domain)) return { verdict: 'not-ours' }
  const exact = fold(address)
  const base = `${parts.local}@${parts.domain}`
  const first = entryOf(t, exact) ?? (base === exact ? undefined : entryOf(t, base))
  if (!first) return { verdict: 'unknown' }
  if ('alias' in first && from === 'outside' && !first.alias.outside) return { verdict: 'internal-only' }

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
