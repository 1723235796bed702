import { dirname, join } from 'node:path'
import type { AccountKind, Address, Agency, Behalf, Grant, LocalDate, SealKey } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { transact } from '#kit/store/transact.ts'
import { count, counters } from '#mailserver/metrics/counters.ts'
import { domainOf, fold, splitAddress } from './address.ts'
import { appPasswords } from './apppasswords.ts'
import { changes } from './change.ts'
import { route } from './deliver.ts'
import { dayOf, holdsAt, isActive } from './inforce.ts'
import { directoryPassword, type PasswordJudge } from './judge.ts'
import { Keyring } from './keyring.ts'
import { passkeys } from './passkeys.ts'
import type { Accounts, SignedIn, StoredAccount } from './port.ts'
import { provision } from './provision.ts'
import { allGrants, behalfAt, grantsAt, heldBy, holds, identitiesOf, mayBe, readIdentifier } from './rights.ts'
import { scripts } from './scripts.ts'
import { secondFactors } from './secondfactor.ts'
import { type Entered, SignIns } from './signin.ts'
import type { AccountRow } from './store/accounts.ts'
import type { AliasRow } from './store/aliases.ts'
import { type Keeping, keptDays } from './store/keeping.ts'
import type { LastSignIn } from './store/lastsignins.ts'
import type { QuotaTold } from './store/quotatold.ts'
import type { RecordLine } from './store/record.ts'
import { schema } from './store/schema.ts'
import type { TokenSeen } from './store/signins.ts'
import { openTables } from './store/tables.ts'
import { issueToken, isToken, readToken, sessionEnded } from './tokens.ts'

/** What the control API and the administrator's commands need beyond `Accounts`. */
export type AccountBook = Accounts &
  ReturnType<typeof changes> &
  ReturnType<typeof appPasswords> &
  ReturnType<typeof secondFactors> &
  ReturnType<typeof passkeys> & {
    page(q: { kind?: AccountKind; q?: string; after?: Address; limit: number }): {
      accounts: StoredAccount[]
      total: number
    }
    everyone(): StoredAccount[]
    ofAgency(agency: string): StoredAccount[]
    agencies(at?: LocalDate): Agency[]
    agency(id: string): Agency | undefined
    domains(): string[]
    alias(address: Address): readonly Address[] | undefined
    /** every grant there ever was of a person (her groups' too, as given) or an office */
    allGrants(q: { person?: Address; office?: Address }): Grant[]
    /** the same grants with each member in the place of a group */
    heldBy(grants: readonly Grant[]): Grant[]
    /** as an owner gave them, or those by which a person may send now */
    behalf(q: { owner: Address } | { person: Address }): Behalf[]
    /** by address, groups with the others; a catch-all is "@domain" */
    aliases(): AliasRow[]
    groups(): { address: Address; name: string; members: number }[]
    /** @param process set for a service's token: longer, and it makes its sessions official */
    issueToken(
      account: number,
      process?: string,
      from?: { ip?: string; client?: string },
    ): { token: string; expires: number }
    /** sign-ins of the pages that hold now, the oldest first */
    openTokens(): TokenSeen[]
    endTokenById(id: string): void
    /** @throws Refusal 401 when it ended */
    whoIs(token: string): { account: StoredAccount; expires: number }
    endToken(token: string): void
    /** Ends every sign-in of a person at once: pages and mail programs; those sign in again by themselves if they still may. */
    signOutEverywhere(account: number): void
    /** newest first, one for each place and way */
    lastSignIns(account: number): LastSignIn[]
    isActive(account: StoredAccount): boolean
    /** the quota warning that holds, and how many letters there were */
    quotaTold(account: number): QuotaTold
    tellQuota(account: number, told: QuotaTold): void
    /** days that Junk and Trash keep: of the account, else of its domain, else of all, else `keptDays` */
    keeping(address: Address): Keeping
    /** what is set for an address, a domain, or '' for all; undefined fields: nothing */
    keepingOf(scope: string): Partial<Keeping>
    setKeeping(scope: string, change: { junk?: number | null; trash?: number | null }): void
    /** newest first, those before line `before` */
    record(q: { account?: Address; before?: number; limit: number }): RecordLine[]
    keys(domain?: string): SealKey[]
    /** @returns how many agencies, accounts and grants are new */
    provision(province: unknown, passwords: Readonly<Record<Address, string>>): Promise<number>
  }

/**
 * Opens the accounts file, making or migrating it when needed. Any thread may; the file is shared.
 * `used` of every account is 0 here: only the store knows it.
 *
 * @param keys folder of private seal keys, by default `keys` beside the file
 * @param judge who knows the passwords that are not kept here
 */
export function openAccounts(
  path: string,
  {
    keys = join(dirname(path), 'keys'),
    now = Date.now,
    judge,
  }: { keys?: string; now?: () => number; judge?: PasswordJudge | undefined } = {},
): AccountBook {
  const db = openDatabase(path)
  migrate(db, schema)
  const t = openTables(db)
  const ring = new Keyring(db, t, keys, now)
  const signIns = new SignIns(db, t, now, judge)
  /** the hash that a session's password matched: a changed password ends the sessions that used the old one */
  const matched = new WeakMap<SignedIn, { password: string | undefined; stamp: number }>()
  const stored = (row: AccountRow | undefined): StoredAccount | undefined => row && toStored(row)
  const active = (id: number) => {
    const row = t.accounts.byId(id)
    return row !== undefined && isActive(row, dayOf(now())) ? row : undefined
  }

  const signedIn = ({ account, ...how }: Entered): SignedIn => {
    const made: SignedIn = { account: toStored(account), ...how }
    matched.set(made, { password: account.password, stamp: t.signedOut.at(account.id) })
    return made
  }

  return {
    ...changes(db, t, now),
    ...appPasswords(db, t, now),
    ...secondFactors(db, t, now),
    ...passkeys(db, t, now),

    async signIn(address, secret, from) {
      const scope = isToken(secret) ? 'token' : from.scope
      try {
        const entered = await signIns.enter(address, secret, from)
        count(counters.signIns[scope].ok)
        return signedIn(entered)
      } catch (err) {
        throw countRefused(scope, err)
      }
    },
    offersScram: judge === undefined,
    signInToken(token, address) {
      try {
        const entered = signIns.byToken(token, address)
        count(counters.signIns.token.ok)
        return signedIn(entered)
      } catch (err) {
        throw countRefused('token', err)
      }
    },
    scram(address, from) {
      try {
        const offer = signIns.scram(address, from)
        return {
          ...offer,
          prove(fits) {
            try {
              const { signedIn: entered, keys } = offer.prove(fits)
              count(counters.signIns[from.scope].ok)
              return { signedIn: signedIn(entered), keys }
            } catch (err) {
              throw countRefused(from.scope, err)
            }
          },
        }
      } catch (err) {
        throw countRefused(from.scope, err)
      }
    },
    stillGood(signedIn) {
      const account = active(signedIn.account.id)
      if (!account) return false
      const { token, appPassword } = signedIn
      const begun = matched.get(signedIn)
      if (begun && begun.stamp !== t.signedOut.at(account.id)) return false
      if (token !== undefined) return (t.tokens.byId(token)?.expires ?? 0) > now()
      if (appPassword !== undefined) {
        const found = t.appPasswords.byId(appPassword)
        return found !== undefined && (found.expires ?? Number.POSITIVE_INFINITY) > now()
      }
      return !begun || (begun.password === account.password && !t.secondFactors.isOn(account.id))
    },
    byAddress: (address) => stored(t.accounts.byAddress(fold(address))),
    byId: (id) => stored(t.accounts.byId(id)),
    deliver(address, from = 'inside') {
      const found = route(t, address, from, now())
      if (found.verdict !== 'ok') return found
      const lists = found.lists.map((list) => ({ ...list, account: toStored(list.account) }))
      return { verdict: 'ok', accounts: found.accounts.map(toStored), lists }
    },
    otherNames: (account) =>
      t.aliases.naming(account.address, now()).filter((alias) => {
        const row = t.aliases.get(alias)
        return row !== undefined && !row.group && row.members.length === 1 && !alias.startsWith('@')
      }),
    scripts: scripts(db, t, now),
    isOurs: (domain) => t.domains.has(domain.includes('@') ? domainOf(domain) : fold(domain)),
    grants: (person, at = now()) =>
      grantsAt(t, person, at).map(({ officeRow, ...grant }) => ({ ...grant, officeAccount: toStored(officeRow) })),
    grantsOn: (office) => allGrants(t, { office }, now()).filter((grant) => holdsAt(grant, now())),
    identities: (person) => identitiesOf(t, person.address, now()),
    identifier: (text) => readIdentifier(t, text, now()),
    mayBe(person, from) {
      const found = mayBe(t, person, from, now())
      if (found?.as === 'office') return { ...found, office: toStored(found.office) }
      return found?.as === 'behalf' ? { ...found, owner: toStored(found.owner) } : found
    },
    sealKeys: (domain) => ring.inForce(domain),

    page({ limit, ...q }) {
      const { rows, total } = t.accounts.page({ ...q, limit })
      return { accounts: rows.map(toStored), total }
    },
    everyone: () => t.accounts.everyone().map(toStored),
    ofAgency: (agency) => t.accounts.ofAgency(agency).map(toStored),
    agencies: (at) => t.agencies.all(at),
    agency: (id) => t.agencies.byId(id),
    domains: () => t.domains.all(),
    alias(address) {
      const parts = splitAddress(address)
      return (
        t.aliases.get(fold(address))?.members ?? (parts && t.aliases.get(`${parts.local}@${parts.domain}`)?.members)
      )
    },
    allGrants: ({ person, office }) => allGrants(t, { ...(person && { person }), ...(office && { office }) }, now()),
    heldBy: (grants) => heldBy(t, grants, now()),
    behalf: (q) => ('person' in q ? behalfAt(t, fold(q.person), now()) : t.behalf.ofOwner(fold(q.owner))),
    aliases: () => t.aliases.all(),
    groups: () =>
      t.aliases
        .all()
        .filter((a) => a.group)
        .map((a) => ({ address: a.address, name: a.name ?? a.address, members: a.members.length })),
    holds: (q) => holds(t, { ...q, now: now() }),
    issueToken: (account, process, from) => issueToken(t, account, now(), process, from),
    openTokens: () => t.tokens.open(now()),
    endTokenById: (id) => t.tokens.removeById(id),
    whoIs(token) {
      const { account, expires } = readToken(t, token, now())
      const row = active(account)
      if (!row) throw sessionEnded()
      return { account: toStored(row), expires }
    },
    endToken: (token) => void t.tokens.remove(token),
    signOutEverywhere(account) {
      transact(db, () => {
        t.tokens.removeOf(account)
        t.signedOut.put(account, now())
      })
    },
    lastSignIns: (account) => t.lastSignIns.of(account),
    isActive: (account) => active(account.id) !== undefined,
    quotaTold: (account) => t.quotaTold.get(account),
    tellQuota: (account, told) => t.quotaTold.put(account, told),
    keeping: (address) => ({
      ...keptDays,
      ...t.keeping.get(''),
      ...t.keeping.get(domainOf(fold(address))),
      ...t.keeping.get(fold(address)),
    }),
    keepingOf: (scope) => t.keeping.get(fold(scope)),
    setKeeping: (scope, change) => t.keeping.change(fold(scope), change),
    note: (line) => t.record.add({ at: now(), ...line }),
    record: ({ account, ...q }) => t.record.page({ ...q, ...(account !== undefined && { account: fold(account) }) }),
    keys: (domain) => ring.list(domain),
    provision: (province, passwords) => provision(db, t, province, passwords, now()),

    [Symbol.dispose]() {
      if (db.isOpen) db.close()
    },
  }
}

/** @returns the error, to be thrown; what is no refusal is no sign-in that failed */
function countRefused(scope: keyof typeof counters.signIns, err: unknown): unknown {
  if (err instanceof Refusal) count(counters.signIns[scope][err.status === 429 ? 'slowed' : 'refused'])
  return err
}

/** Without the password, and with disabled true outside its dates: nobody else computes dates. */
function toStored({ password, ...row }: AccountRow): StoredAccount {
  return { ...row, ...(password === directoryPassword && { passwordFrom: 'ldap' }), used: 0 }
}
