import type { ProcessName } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import { call } from '../call.ts'
import { address, object } from '../input.ts'

/** Workers open any register; a service process its own account, which has its name (`portal@…`). Nobody a person's mailbox. */
function inScope(caller: ProcessName, account: StoredAccount): boolean {
  if (caller === 'workers') return account.kind === 'register'
  return account.kind === 'service' && account.address.split('@')[0] === caller
}

export default call<'auth.serviceToken', { mailbox: string }>({
  may: ['workers', 'portal'],
  input: () => object({ mailbox: address }),
  run({ accounts, log }, { mailbox }, caller) {
    const account = accounts.byAddress(mailbox)
    if (!account || !inScope(caller, account))
      throw new Refusal(403, 'Dịch vụ không được mở hộp thư này.', `${caller} has no ${mailbox} in its scope`)
    if (!accounts.isActive(account)) throw new Refusal(403, 'Hộp thư đang tạm khóa.', `${mailbox} is not active`)
    const { token, expires } = accounts.issueToken(account.id, caller)
    log.info({ mailbox: account.address, process: caller }, 'service token issued')
    return { token, expires: new Date(expires).toISOString() }
  },
})
