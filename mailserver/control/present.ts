import type { Account } from '#kit/directory/calls.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import type { Context } from './call.ts'

/** An account as callers see it: without the store's number, with what its mail takes up. */
export function present({ store }: Pick<Context, 'store'>, { id, ...account }: StoredAccount): Account {
  return { ...account, used: store.read.usage(id).octets }
}
