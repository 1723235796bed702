import { Refusal } from '#kit/refusal.ts'
import { fold } from '#mailserver/accounts/address.ts'
import type { Accounts, StoredAccount } from '#mailserver/accounts/port.ts'

/**
 * What a page changes in a mailbox, its owner changes, or for an office somebody with the right `manage`.
 *
 * @param asked `by` is the person who is signed in there
 * @throws Refusal 403
 */
export function mustManage(
  accounts: Pick<Accounts, 'holds'>,
  { account, by, at }: { account: StoredAccount; by: string; at: number },
): void {
  if (fold(by) === account.address) return
  if (account.kind === 'office' && accounts.holds({ person: by, office: account.address, right: 'manage', at })) return
  throw new Refusal(
    403,
    'Việc này cần quyền quản lý hộp thư. Người quản trị hệ thống cấp quyền này.',
    `${by} does not manage ${account.address}`,
  )
}
