/** Who may do what in a mailbox, from the accounts and the store as they are now. */
import type { LocalDate } from '#kit/directory/calls.ts'
import { dayOf, isActive } from '#mailserver/accounts/inforce.ts'
import type { Accounts, StoredAccount } from '#mailserver/accounts/port.ts'
import type { AclEntry, Mailbox, StoreReader } from '#mailserver/store/port.ts'
import { has, ownerRights, type Rights, rightsByGrant, rightsFrom, union, withinType } from './rights.ts'

/**
 * One question about one person, however many mailboxes it is about (LIST asks for all). What was found about the person
 * is remembered for that question and no longer: make another one for the next command.
 */
export class Access {
  readonly #accounts: Accounts
  readonly #read: StoreReader
  readonly #person: StoredAccount
  readonly #at: number
  readonly #owners = new Map<number, StoredAccount | undefined>()
  #day: LocalDate | undefined
  #identities: ReadonlySet<string> | undefined
  #grants: ReturnType<Accounts['grants']> | undefined

  /** @param person a signed-in account of any kind; another's mailbox is open to persons only */
  constructor(accounts: Accounts, read: StoreReader, person: StoredAccount, at: number) {
    this.#accounts = accounts
    this.#read = read
    this.#person = person
    this.#at = at
  }

  /** All names by which an entry means this person. */
  get identities(): ReadonlySet<string> {
    const person = this.#person
    this.#identities ??= person.kind === 'person' ? this.#accounts.identities(person) : new Set([person.address])
    return this.#identities
  }

  get #today(): LocalDate {
    this.#day ??= dayOf(this.#at)
    return this.#day
  }

  rightsOf(mailbox: Mailbox): Rights {
    return withinType(mailbox.type, this.rightsBy(mailbox.account, this.#read.acl(mailbox.id)))
  }

  /** The same for entries that were read already, before the mailbox's type has its say. */
  rightsBy(owner: number, entries: readonly AclEntry[]): Rights {
    if (this.#person.id === owner) return ownerRights(entries, this.#person.address, this.#at)
    if (this.#person.kind !== 'person') return ''
    const account = this.owner(owner)
    // what a person or an office shared ends with their last day
    if (!account || !isActive(account, this.#today)) return ''
    const held = account.kind === 'person' ? '' : this.#held(owner)
    if (entries.length === 0) return held
    const rights = rightsFrom(entries, this.identities, this.#at, held)
    // nobody else could give them back to those who manage an office
    return has(held, 'a') ? union(rights, 'la') : rights
  }

  #held(office: number): Rights {
    this.#grants ??= this.#accounts.grants(this.#person.address, this.#at)
    return this.#grants
      .filter((grant) => grant.officeAccount.id === office)
      .reduce((sum, grant) => union(sum, rightsByGrant(grant.rights)), '')
  }

  owner(id: number): StoredAccount | undefined {
    if (!this.#owners.has(id)) this.#owners.set(id, this.#accounts.byId(id))
    return this.#owners.get(id)
  }
}
