/**
 * From the names that a client uses to accounts and paths, and what may be done there. A person's own folders stand under
 * their names, those of each office that the person holds, and single ones that an office shares, under "Chung/<local part>/",
 * and those that other persons share under "Người khác/<address>/". Rights are asked afresh at every name and every command, so a withdrawn one ends at once
 * for new commands: `find` for a name, then `mustHave(session, located, 'i')`; inside a selected mailbox `mustChange`.
 */

import type { StoredAccount } from '#mailserver/accounts/port.ts'
import { has, type Rights, withinType } from '#mailserver/sharing/rights.ts'
import { type Limits, limitsOf } from '#mailserver/store/limits.ts'
import type { AccountId, AclEntry, Mailbox, MailboxId } from '#mailserver/store/port.ts'
import { maxMailboxLevels, maxMailboxName } from './limits.ts'
import { accessOf, offices, type Viewer } from './offices.ts'
import type { MailboxFilter } from './parse/mailboxes.ts'
import { BadSyntax, utf8 } from './parse/scanner.ts'
import { decodeUtf7 } from './parse/utf7.ts'
import { No, sentences } from './reply.ts'
import type { Session } from './session.ts'
import type { View } from './view.ts'

export const separator = '/'
export const sharedRoot = 'Chung'
export const othersRoot = 'Người khác'

export type Place = {
  account: StoredAccount
  /** in that account's store */
  path: string
  /** as the client sees it, Unicode */
  name: string
  /** absent for one's own */
  shared?: 'office' | 'person'
  /** as they were when the name was looked up, for showing; before acting ask `mustHave` */
  rights: Rights
}
/** A selected mailbox (`View`) is one too. */
export type Located = { place: Place; mailbox: Mailbox }

/** Reads a name as sent. @throws BadSyntax */
export function readName(session: Session, octets: Uint8Array): string {
  const text = utf8(octets, 'a mailbox name')
  if (text.length > maxMailboxName * 2) throw new BadSyntax('a mailbox name is too long')
  // A client that sends UTF-8 without having enabled it means UTF-8.
  const name = session.utf8 || /[^\x20-\x7e]/.test(text) ? text : decodeUtf7(text)
  if (name === undefined) throw new BadSyntax('a mailbox name is not modified UTF-7')
  return name.normalize('NFC')
}

const inbox = (path: string) => (/^inbox(?=\/|$)/i.test(path) ? `INBOX${path.slice(5)}` : path)

/** The name itself, or one below it. */
export const isBelow = (name: string, root: string) => name === root || name.startsWith(root + separator)

/** Is it meant by this filter (RFC 5465 §6, RFC 7377 §2.2)? What is selected, only the session knows. @param names as `Place.name` */
export function isAmong(
  { place, mailbox }: Located,
  filter: MailboxFilter['filter'],
  names: readonly string[],
): boolean {
  switch (filter) {
    case 'personal':
    case 'inboxes': // where mail is filed is each person's own choice, so all of them
      return place.shared === undefined
    case 'subscribed':
      return place.shared !== undefined || mailbox.subscribed
    case 'mailboxes':
      return names.includes(place.name)
    case 'subtree':
      return names.some((name) => isBelow(place.name, name))
    case 'subtree-one':
      return names.some((name) => place.name === name || place.name.replace(/\/[^/]*$/, '') === name)
    default:
      return false
  }
}

export type Spot = Omit<Place, 'rights'>

/** Whose name it is, whether or not there is a mailbox. undefined: in a namespace that this person does not have. */
function spotOf(session: Session, name: string): Spot | undefined {
  const root = [sharedRoot, othersRoot].find((each) => isBelow(name, each))
  if (root === undefined) {
    const path = inbox(name)
    return { account: session.user.account, path, name: path }
  }
  const [, label = '', ...rest] = name.split(separator)
  const account =
    root === sharedRoot ? offices(session).find((each) => each.label === label)?.account : otherPerson(session, label)
  if (!account || rest.length === 0) return undefined
  const path = inbox(rest.join(separator))
  const shown = root === sharedRoot ? label : account.address
  return {
    account,
    path,
    name: [root, shown, path].join(separator),
    shared: root === sharedRoot ? 'office' : 'person',
  }
}

function otherPerson(session: Session, address: string): StoredAccount | undefined {
  const { account: self } = session.user
  const account = self.kind === 'person' ? session.given.accounts.byAddress(address) : undefined
  return account?.kind === 'person' && account.id !== self.id ? account : undefined
}

/** A name as sent, spelled as `Place.name` is; also of what is not there. @throws BadSyntax */
export const readPlace = (session: Session, octets: Uint8Array): string => {
  const name = readName(session, octets)
  return spotOf(session, name)?.name ?? name
}

/** Where a path of an account is in this session's names; undefined: in none that it has. */
export function spotIn(session: Session, account: AccountId, path: string): Spot | undefined {
  const own = session.user.account
  if (account === own.id) return { account: own, path, name: path }
  const office = offices(session).find((each) => each.account.id === account)
  if (office)
    return { account: office.account, path, name: [sharedRoot, office.label, path].join(separator), shared: 'office' }
  const owner = session.given.accounts.byId(account)
  if (owner?.kind !== 'person') return undefined
  return { account: owner, path, name: [othersRoot, owner.address, path].join(separator), shared: 'person' }
}

/** The mailbox by its name in this session; undefined when it is gone or may not be known. */
export function placeOf(session: Session, id: MailboxId): Located | undefined {
  const mailbox = session.given.store.read.mailboxById(id)
  const spot = mailbox && spotIn(session, mailbox.account, mailbox.path)
  if (!mailbox || !spot) return undefined
  const rights = accessOf(session).rightsOf(mailbox)
  return has(rights, 'l') ? { place: { ...spot, rights }, mailbox } : undefined
}

/** Accounts that hold anything which this session may see. */
export function visibleAccounts(session: Session): Set<AccountId> {
  const own = session.user.account
  const { identities } = accessOf(session)
  return new Set([
    own.id,
    ...offices(session).map((office) => office.account.id),
    ...session.given.store.read.aclNaming([...identities]).map(({ mailbox }) => mailbox.account),
  ])
}

/** @throws No [NONEXISTENT], also where there is a mailbox but no right at all to know of it (RFC 4314 §6) */
export const find = (session: Session, octets: Uint8Array, code = 'NONEXISTENT'): Located =>
  findNamed(session, readName(session, octets), code)

/** `find` for a name in Unicode. @throws No */
export function findNamed(session: Session, name: string, code = 'NONEXISTENT'): Located {
  const spot = spotOf(session, name)
  const mailbox = spot && session.given.store.read.mailbox(spot.account.id, spot.path)
  const rights = mailbox ? accessOf(session).rightsOf(mailbox) : ''
  if (!spot || !mailbox || rights === '') throw new No(code, sentences.missing)
  return { place: { ...spot, rights }, mailbox }
}

/** For CREATE and the target of RENAME; asks for the right k on what is above. @throws No [CANNOT] or [NOPERM] */
export function locateNew(session: Session, octets: Uint8Array): Place {
  const name = readName(session, octets).replace(/\/$/, '') // RFC 9051 §6.3.4: a trailing separator only announces children
  const spot = spotOf(session, name)
  if (!spot) throw new No('NOPERM', sentences.missing)
  const rights = rightsAbove(session, spot)
  if (!has(rights, 'k')) throw new No('NOPERM', has(rights, 'l') ? sentences.noRight : sentences.missing)
  const levels = spot.path.split(separator)
  if (spot.path.length > maxMailboxName || levels.length > maxMailboxLevels)
    throw new No('CANNOT', 'Tên thư mục quá dài. / The name is too long.')
  // Controls and list wildcards would make names that no client can list.
  if (levels.some((level) => level === '' || /[\p{Cc}%*\u2028\u2029]/u.test(level)))
    throw new No('CANNOT', 'Tên thư mục không hợp lệ. / The name is not allowed.')
  return { ...spot, rights }
}

/** On the nearest mailbox above a name; at the top of an account, what its owner and the holders of the office have. */
function rightsAbove(session: Session, { account, path }: Spot): Rights {
  const { read } = session.given.store
  const access = accessOf(session)
  const levels = path.split(separator).slice(0, maxMailboxLevels)
  for (levels.pop(); levels.length > 0; levels.pop()) {
    const above = read.mailbox(account.id, levels.join(separator))
    if (above) return access.rightsOf({ ...above, type: 'normal' })
  }
  return access.rightsBy(account.id, [])
}

/** Every mailbox that this session may see, with its name. Costs one's own mailboxes and those shared with one. */
export function everything(session: Viewer): Located[] {
  const { read } = session.given.store
  const own = session.user.account
  const access = accessOf(session)
  const entries = new Map<number, AclEntry[]>()
  const named = new Map<number, Mailbox>()
  const naming = read.aclNaming([...access.identities])
  for (const { entry, mailbox } of naming) {
    const list = entries.get(mailbox.id)
    if (list) list.push(entry)
    else entries.set(mailbox.id, [entry])
    named.set(mailbox.id, mailbox)
  }
  const located = (account: StoredAccount, mailbox: Mailbox, root?: string[], shared?: Place['shared']): Located => ({
    place: {
      account,
      path: mailbox.path,
      name: [...(root ?? []), mailbox.path].join(separator),
      ...(shared ? { shared } : {}),
      rights: withinType(mailbox.type, access.rightsBy(account.id, entries.get(mailbox.id) ?? [])),
    },
    mailbox,
  })
  const all = read.mailboxes(own.id).map((mailbox) => located(own, mailbox))
  for (const { label, account, whole } of offices(session, naming))
    for (const mailbox of whole
      ? read.mailboxes(account.id)
      : [...named.values()].filter((mailbox) => mailbox.account === account.id))
      all.push(located(account, mailbox, [sharedRoot, label], 'office'))
  for (const mailbox of named.values()) {
    if (mailbox.account === own.id) continue
    const owner = access.owner(mailbox.account)
    if (owner?.kind === 'person') all.push(located(owner, mailbox, [othersRoot, owner.address], 'person'))
  }
  return all.filter(({ place }) => has(place.rights, 'l'))
}

/** Rights in a mailbox as they are now, for the one who is signed in. "": none, or the mailbox is gone. */
export function rightsOn(session: Session, { mailbox }: Pick<Located, 'mailbox'>): Rights {
  return accessOf(session).rightsOf(mailbox)
}

/**
 * Asked afresh before every act on a mailbox. RFC 4314 §4: r SELECT, FETCH, STATUS · i APPEND and the target of COPY ·
 * s, w, t flags · e EXPUNGE · x DELETE, RENAME · k CREATE below · a ACLs. Owners of a mailbox pass at the cost of one read.
 *
 * @param needed letters, all of them
 * @throws No [NOPERM]; [NONEXISTENT] to those who may not know of the mailbox
 */
export function mustHave(session: Session, at: Pick<Located, 'mailbox'>, needed: string): void {
  const rights = rightsOn(session, at)
  if (has(rights, needed)) return
  if (rights === '') throw new No('NOPERM', sentences.withdrawn)
  if (!has(rights, 'l')) throw new No('NONEXISTENT', sentences.missing)
  throw new No('NOPERM', rights === 'lr' ? sentences.readOnly : sentences.noRight)
}

/** Whoever sees a register may have a dead letter tried again, by moving it to the register's INBOX (design §5). */
export const isReplay = (from: Mailbox, to: Mailbox): boolean =>
  from.type === 'dead' && to.type === 'registerInbox' && from.account === to.account

/** Before a change inside the selected mailbox; `needed` as for `mustHave`. @throws No */
export function mustChange(session: Session, view: View, needed: string): void {
  if (isRecord(view.mailbox)) throw new No('CANNOT', sentences.appendOnly)
  mustHave(session, view, needed)
  if (view.readOnly) throw new No(undefined, 'the mailbox is open read-only')
}

/** Which flags the session may not touch there, in the store's words ("*": all but \Seen and \Deleted). */
export function foreignFlags(rights: Rights): string[] {
  return [
    ...(has(rights, 's') ? [] : ['\\Seen']),
    ...(has(rights, 't') ? [] : ['\\Deleted']),
    ...(has(rights, 'w') ? [] : ['*']),
  ]
}

/** Those of `flags` that a session with these rights may set. */
export function ownFlags(rights: Rights, flags: readonly string[]): string[] {
  const foreign = foreignFlags(rights).map((flag) => flag.toLowerCase())
  return flags.filter((flag) => {
    const name = flag.toLowerCase()
    return !foreign.includes(name === '\\seen' || name === '\\deleted' ? name : '*')
  })
}

/** Append-only by type, for everyone (design §5): nothing in it can change, so it is opened read-only. */
export const isRecord = (mailbox: Mailbox): boolean => mailbox.type === 'ledger' || mailbox.type === 'handled'

/** What is allowed in all, for jobs that add messages, as it stands now; offices and registers have no limits. */
export function quotaOf(session: Session, account: StoredAccount): Limits {
  return limitsOf((account.kind === 'person' && session.given.accounts.byId(account.id)) || {})
}
