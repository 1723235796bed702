import { Refusal } from '#kit/refusal.ts'
import { fold } from '#mailserver/accounts/address.ts'
import type { AccountBook } from '#mailserver/accounts/open.ts'

/** For what a setting holds: an account's address, a domain of ours, or "" for all. @throws Refusal 404 */
export function scopeOf(accounts: Pick<AccountBook, 'byAddress' | 'domains'>, text: string): string {
  const scope = fold(text)
  if (scope === '') return scope
  if (scope.includes('@') ? accounts.byAddress(scope) : accounts.domains().includes(scope)) return scope
  throw new Refusal(404, `Không có tài khoản hay tên miền ${scope}.`, `no account or domain ${scope}`)
}
