import { Refusal } from '#kit/refusal.ts'
import { fold, splitAddress } from './address.ts'
import { dayOf, isActive } from './inforce.ts'
import type { AccountRow } from './store/accounts.ts'
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
  const start = known(t, exact) ? exact : base
  if (!known(t, start)) return { verdict: 'unknown' }

  const reached = new Map<number, AccountRow>()
  const seen = new Set<string>()
  const open = [start]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    const account = t.accounts.byAddress(next)
    if (account) reached.set(account.id, account)
    else {
      const alias = t.aliases.get(next)
      if (!alias) continue
      if (next === start && from === 'outside' && !alias.outside) return { verdict: 'internal-only' }
      open.push(...alias.members)
    }
    if (reached.size > expansionLimit || seen.size > 2 * expansionLimit)
      throw new Refusal(
        507,
        'Nhóm này quá lớn. Vui lòng báo quản trị viên.',
        `${start} reaches more than ${expansionLimit} accounts`,
      )
  }
  const day = dayOf(now)
  const active = [...reached.values()].filter((a) => isActive(a, day))
  return active.length > 0 ? { verdict: 'ok', accounts: active } : { verdict: 'disabled' }
}

function known(t: Tables, address: string): boolean {
  return t.accounts.byAddress(address) !== undefined || t.aliases.get(address) !== undefined
}
