/** Offices of which a person sees anything: those that she holds, and those that share a folder with her. */
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import { opensFolders } from '#mailserver/accounts/rights.ts'
import { Access } from '#mailserver/sharing/access.ts'
import type { AclEntry, Mailbox } from '#mailserver/store/port.ts'
import type { Session } from './session.ts'

/** What of a session decides what it may see; the control API asks for a person without one. */
export type Viewer = {
  user: { account: StoredAccount }
  given: Pick<Session['given'], 'accounts' | 'store' | 'now'>
}
/** `label` is the level below "Chung/"; `whole`: every folder of it may be there, not only those that entries name */
export type Office = { label: string; account: StoredAccount; whole: boolean }

export const accessOf = ({ given, user }: Viewer): Access =>
  new Access(given.accounts, given.store.read, user.account, given.now())

/** @param naming what entries give to this person, where it was read already */
export function offices(viewer: Viewer, naming?: readonly { entry: AclEntry; mailbox: Mailbox }[]): Office[] {
  const { user, given } = viewer
  if (user.account.kind !== 'person') return []
  const found = new Map<string, Office>()
  const add = (account: StoredAccount, whole: boolean) => {
    if (account.disabled || [...found.values()].some((office) => office.account.id === account.id)) return
    const local = account.address.slice(0, account.address.lastIndexOf('@'))
    // Two offices of one local part are of two domains: the second one shows its whole address.
    const label = found.has(local) ? account.address : local
    found.set(label, { label, account, whole })
  }
  for (const { rights, officeAccount } of given.accounts.grants(user.account.address))
    if (opensFolders(rights)) add(officeAccount, true)
  const access = accessOf(viewer)
  const owners = new Set(
    (naming ?? given.store.read.aclNaming([...access.identities])).map(({ mailbox }) => mailbox.account),
  )
  for (const id of owners) {
    const owner = access.owner(id)
    if (owner?.kind === 'office') add(owner, false)
  }
  return [...found.values()]
}
