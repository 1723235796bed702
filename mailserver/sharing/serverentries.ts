/** The server's shared METADATA entries (RFC 5464 §6.2.1): read by everybody who signs in, set by those who administer. */
import { domainOf } from '#mailserver/accounts/address.ts'
import type { Accounts, StoredAccount } from '#mailserver/accounts/port.ts'
import { adminOffice } from '#mailserver/accounts/provision.ts'
import type { StoreReader } from '#mailserver/store/port.ts'

/** Of the server, shared (`MetadataOf`). */
export const serverEntries = { mailbox: 0, holder: 0 } as const
const admin = '/shared/admin'

/** Who administers is who acts for the administrators' mailbox, as on the pages. */
export function administers(accounts: Pick<Accounts, 'holds'>, person: StoredAccount, at: number): boolean {
  const office = `${adminOffice.local}@${domainOf(person.address)}`
  return person.kind === 'person' && accounts.holds({ person: person.address, office, right: 'act', at }) !== undefined
}

/** What was set; where nobody set it, /shared/admin leads to the administrators' mailbox of the domain that asks. */
export function readServerEntries(
  accounts: Pick<Accounts, 'byAddress'>,
  read: Pick<StoreReader, 'metadata'>,
  domain: string,
): { entry: string; value: Uint8Array }[] {
  const set = read.metadata(serverEntries)
  const office = accounts.byAddress(`${adminOffice.local}@${domain}`)
  if (!office || set.some(({ entry }) => entry === admin)) return set
  return [{ entry: admin, value: Buffer.from(`mailto:${office.address}`) }, ...set]
}

/** RFC 5464 §6.2.1.2: the value of /shared/admin MUST be a URI; what leads to nobody is none here. */
export function isServerEntry(entry: string, value: Uint8Array | null): boolean {
  if (entry !== admin || value === null) return true
  const text = Buffer.from(value).toString()
  return /^mailto:[^\s<>@]+@[^\s<>@]+$|^tel:[+0-9().-]+$|^https?:\/\/[^\s<>]+$/.test(text)
}
