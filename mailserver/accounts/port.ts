/**
 * Accounts as the protocol servers see them. `openAccounts(path)` (mailserver/accounts/open.ts) works in any thread;
 * state that must be shared (failed sign-ins, tokens) is in the database, never in memory.
 */
import type { Account, Address, Grant, OfficeRight, SealKey } from '#kit/directory/calls.ts'
import type { ListOf } from './deliver.ts'
import type { ScramKeys } from './scramkeys.ts'
import type { Scripts } from './scripts.ts'
import type { RecordLine } from './store/record.ts'

/** The store's number for an account, given once and never again. `used` is 0 here: only the store knows it. */
export type StoredAccount = Account & { id: number }

/** Which listener asks; app passwords and tokens may be limited to some. */
export type Scope = 'imap' | 'pop3' | 'smtp' | 'sieve' | 'web' | 'control'

export type SignedIn = {
  account: StoredAccount
  /** id of the token that was the password, if one was; sessions end when it ends */
  token?: string
  /** id of the app password that was shown, if one was; sessions end when it is revoked */
  appPassword?: string
  /** for services: true when the account is not a person's and the token came from a service secret */
  service: boolean
}

/** One SCRAM sign-in begun (RFC 5802): what the client is told of the name, and the keys its proof may fit. */
export type ScramOffer<S = SignedIn> = {
  salt: Buffer
  iterations: number
  /**
   * Tries the keys of the account: its password's and its app passwords', none for names that nobody has.
   * @throws Refusal 401 none fits (counted as a failure), 403 and 429 as signIn
   */
  prove(fits: (keys: ScramKeys) => boolean): { signedIn: S; keys: ScramKeys }
}

/** A group with members elsewhere: what is written to it goes to them, too, in its own name. */
export type MailingList = Omit<ListOf, 'account'> & { account: StoredAccount }

/** `lists`: whose members elsewhere are to be reached, too; there may be those alone */
export type Delivery =
  | { verdict: 'ok'; accounts: readonly StoredAccount[]; lists: readonly MailingList[] }
  | { verdict: 'unknown' | 'disabled' | 'not-ours' | 'internal-only' }

export interface Accounts extends Disposable {
  /**
   * A password, an app password or a token from `auth.signIn`/`auth.serviceToken` (RFC 4616 semantics; addresses are folded NFC + lower case).
   * @throws Refusal 401 wrong, 429 slowed (per account and per address; `retryAfter` seconds in `why`), 403 disabled or out of scope,
   *   503 whoever judges the password does not answer
   */
  signIn(address: string, secret: string, from: { ip: string; scope: Scope }): Promise<SignedIn>
  /** false where somebody else knows the passwords: SCRAM needs keys of them */
  readonly offersScram: boolean
  /** A token alone (RFC 7628), or with the name that the client gave. @throws Refusal 401, 403 */
  signInToken(token: string, address: string | undefined): SignedIn
  /** The same answer for names that nobody has. @throws Refusal 429 */
  scram(address: string, from: { ip: string; scope: Scope }): ScramOffer
  /** still good? checked by long sessions at least every 60 s */
  stillGood(signedIn: SignedIn): boolean
  byAddress(address: Address): StoredAccount | undefined
  byId(id: number): StoredAccount | undefined
  /** Where mail to this address goes: aliases and groups expanded (bounded), sub-addresses (`local+detail@`) stripped.
   *  'outside' for mail from the world, which closed groups refuse (`internal-only`); 'inside' by default. */
  deliver(address: string, from?: 'inside' | 'outside'): Delivery
  isOurs(domain: string): boolean
  /** Aliases that stand for this account alone: more names of the same person. */
  otherNames(account: StoredAccount): readonly Address[]
  readonly scripts: Scripts
  /** Writes into the record of what was done to what is not one's own: by administrators, managers of offices, the service itself. */
  note(line: Omit<RecordLine, 'n' | 'at'>): void
  /** Grants of a person in force at `at` (milliseconds; now by default). */
  grants(person: Address, at?: number): readonly (Grant & { office: Address; officeAccount: StoredAccount })[]
  /** Grants on an office in force now, as they were given: a group's with the group as `person`. */
  grantsOn(office: Address): readonly Grant[]
  /** The grant with this right in force at `at` and still now; also through groups. */
  holds(q: { person: Address; office: Address; right: OfficeRight; at: number }): Grant | undefined
  /** All that a right on a folder may be given to and then means this person: her address, her groups, the offices that
   *  she holds and their groups, "anyone". */
  identities(person: StoredAccount): ReadonlySet<string>
  /** What an identifier of an ACL names: a person's or an office's account, or a group; aliases of one account lead to it.
   *  undefined: nobody of ours. */
  identifier(text: string): { identifier: string; name: string } | undefined
  /** May this person put `from` into From? own address and aliases, an office with the right `send`, or another person who
   *  lets this one send on her behalf. `grant` is the id by which they may. */
  mayBe(
    person: StoredAccount,
    from: Address,
  ):
    | { as: 'self' }
    | { as: 'office'; office: StoredAccount; grant: string }
    | { as: 'behalf'; owner: StoredAccount; grant: string }
    | undefined
  /** Key pair in force for sealing; created at first use; the private half never leaves the mailserver process. */
  sealKeys(domain: string): readonly (SealKey & { privateKey: string })[]
}
