import type { Account, AppPassword } from '#kit/directory/calls.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import type { AppPasswordRow } from '#mailserver/accounts/store/apppasswords.ts'
import type { Context } from './call.ts'

/** An account as callers see it: without the store's number, with what its mail takes up. */
export function present({ store }: Pick<Context, 'store'>, { id, ...account }: StoredAccount): Account {
  const { octets, messages } = store.read.usage(id)
  return { ...account, used: octets, messages }
}

export function presentAppPassword({ account: _, created, expires, used, ...row }: AppPasswordRow): AppPassword {
  const instant = (at: number) => new Date(at).toISOString()
  return {
    ...row,
    created: instant(created),
    ...(expires !== undefined && { expires: instant(expires) }),
    ...(used && { used: { ...used, at: instant(used.at) } }),
  }
}
