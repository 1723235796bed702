import { Refusal } from '#kit/refusal.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import type { Context } from './call.ts'

/** @throws Refusal 404 when there is no register mailbox of that address */
export function register({ accounts }: Pick<Context, 'accounts'>, ledger: string): StoredAccount {
  const account = accounts.byAddress(ledger)
  if (account?.kind !== 'register') throw new Refusal(404, 'Không có hộp thư sổ này.', `${ledger} is not a register`)
  return account
}
