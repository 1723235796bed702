import { Refusal } from '#kit/refusal.ts'
import type { Accounts, StoredAccount } from '#mailserver/accounts/port.ts'
import { hasScripts } from '#mailserver/sieve/deliver/owners.ts'

/** @throws Refusal 404 for mailboxes that no script sorts */
export function filteredBox(accounts: Pick<Accounts, 'byAddress'>, owner: string): StoredAccount {
  const account = accounts.byAddress(owner)
  if (account && hasScripts(account)) return account
  throw new Refusal(404, `Không có hộp thư ${owner}.`, `${owner} has no scripts`)
}
