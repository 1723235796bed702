/** Who may do what in a mailbox, from the accounts and the store as they are now. Nothing is remembered between two questions. */
import type { Accounts, StoredAccount } from '#mailserver/accounts/port.ts'
import type { AclEntry, Mailbox, StoreReader } from '#mailserver/store/port.ts'
import { officeRights, ownerRights, type Rights, rightsFrom, union, withinType } from './rights.ts'

export type Asking = { accounts: Accounts; read: StoreReader; at: number }

/** @param person a signed-in account of any kind; another's mailbox is open to persons only */
export function rightsOf(asking: Asking, person: StoredAccount, mailbox: Mailbox): Rights {
  return withinType(mailbox.type, rightsBy(asking, person, mailbox.account, asking.read.acl(mailbox.id)))
}

/** The same for entries that were read already, before the mailbox's type has its say. */
export function rightsBy(
  { accounts, at }: Asking,
  person: StoredAccount,
  owner: number,
  entries: readonly AclEntry[],
): Rights {
  if (person.id === owner) return ownerRights(entries, person.address, at)
  if (person.kind !== 'person') return ''
  const account = accounts.byId(owner)
  if (!account || account.disabled) return ''
  let rights = entries.length === 0 ? '' : rightsFrom(entries, accounts.identities(person), at)
  if (account.kind !== 'person')
    for (const grant of accounts.grants(person.address))
      if (grant.officeAccount.id === owner) rights = union(rights, officeRights(grant.rights))
  return rights
}
