/**
 * From the names that a client uses to accounts and paths. A person's own folders stand under their names;
 * the folders of each office that the person holds stand under "Chung/<local part>/". Rights are asked of the
 * accounts afresh at every name and every write, so a withdrawn one ends at once for new commands.
 */

import type { StoredAccount } from '#mailserver/accounts/port.ts'
import type { Mailbox } from '#mailserver/store/port.ts'
import { maxMailboxLevels, maxMailboxName } from './limits.ts'
import { BadSyntax, utf8 } from './parse/scanner.ts'
import { decodeUtf7 } from './parse/utf7.ts'
import { No, sentences } from './reply.ts'
import type { Session } from './session.ts'
import type { View } from './view.ts'

export const separator = '/'
export const sharedRoot = 'Chung'

export type Place = {
  account: StoredAccount
  /** in that account's store */
  path: string
  /** as the client sees it, Unicode */
  name: string
  /** present for an office's folder: the right by which it is seen */
  grant?: string
  writable: boolean
}
export type Located = { place: Place; mailbox: Mailbox }

type Office = { label: string; account: StoredAccount; grant: string; writable: boolean }

/** Offices whose folders this session may see, by the level below "Chung/". */
export function offices(session: Session): Office[] {
  const { account } = session.user
  if (account.kind !== 'person') return []
  const found = new Map<string, Office>()
  for (const { grant, rights, officeAccount } of session.given.accounts.grants(account.address)) {
    if (officeAccount.disabled || !(rights.includes('read') || rights.includes('act'))) continue
    const writable = rights.includes('act')
    const local = officeAccount.address.slice(0, officeAccount.address.lastIndexOf('@'))
    const known = found.get(local)
    // Two offices of one local part are of two domains: the second one shows its whole address.
    const label = known && known.account.id !== officeAccount.id ? officeAccount.address : local
    const before = found.get(label)
    if (!before || (writable && !before.writable)) found.set(label, { label, account: officeAccount, grant, writable })
  }
  return [...found.values()]
}

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

/** Where a name is, whether or not there is a mailbox. undefined: in a namespace that this person does not have. */
export function locate(session: Session, name: string): Place | undefined {
  if (name !== sharedRoot && !name.startsWith(`${sharedRoot}${separator}`)) {
    const path = inbox(name)
    return { account: session.user.account, path, name: path, writable: true }
  }
  const [, label = '', ...rest] = name.split(separator)
  const office = offices(session).find((each) => each.label === label)
  if (!office || rest.length === 0) return undefined
  const path = inbox(rest.join(separator))
  return {
    account: office.account,
    path,
    name: [sharedRoot, label, path].join(separator),
    grant: office.grant,
    writable: office.writable,
  }
}

/** @throws No [NONEXISTENT] */
export function find(session: Session, octets: Uint8Array, code = 'NONEXISTENT'): Located {
  const place = locate(session, readName(session, octets))
  const mailbox = place && session.given.store.read.mailbox(place.account.id, place.path)
  if (!place || !mailbox) throw new No(code, sentences.missing)
  return { place, mailbox }
}

/** For CREATE and the target of RENAME. @throws No [CANNOT] or [NOPERM] */
export function locateNew(session: Session, octets: Uint8Array): Place {
  const name = readName(session, octets).replace(/\/$/, '') // RFC 9051 §6.3.4: a trailing separator only announces children
  const place = locate(session, name)
  if (!place) throw new No('NOPERM', sentences.missing)
  if (!place.writable) throw new No('NOPERM', sentences.readOnly)
  const levels = place.path.split(separator)
  if (place.path.length > maxMailboxName || levels.length > maxMailboxLevels)
    throw new No('CANNOT', 'Tên thư mục quá dài. / The name is too long.')
  // Controls and list wildcards would make names that no client can list.
  if (levels.some((level) => level === '' || /[\p{Cc}%*\u2028\u2029]/u.test(level)))
    throw new No('CANNOT', 'Tên thư mục không hợp lệ. / The name is not allowed.')
  return place
}

/** Every mailbox that this session may see, with its name. */
export function everything(session: Session): Located[] {
  const { read } = session.given.store
  const own = session.user.account
  const all: Located[] = read
    .mailboxes(own.id)
    .map((mailbox) => ({ place: { account: own, path: mailbox.path, name: mailbox.path, writable: true }, mailbox }))
  for (const { label, account, grant, writable } of offices(session))
    for (const mailbox of read.mailboxes(account.id))
      all.push({
        place: {
          account,
          path: mailbox.path,
          name: [sharedRoot, label, mailbox.path].join(separator),
          grant,
          writable,
        },
        mailbox,
      })
  return all
}

/** @throws No [NOPERM] when this place may not, or no longer, be changed */
export function mustWrite(session: Session, place: Place): void {
  if (!mustSee(session, place).writable) throw new No('NOPERM', sentences.readOnly)
}

/** @throws No [NOPERM] when the right to see this place was withdrawn */
export function mustSee(session: Session, place: Place): Place {
  const now = locate(session, place.name)
  if (!now || now.account.id !== place.account.id) throw new No('NOPERM', sentences.withdrawn)
  return now
}

/** Whoever sees a register may have a dead letter tried again, by moving it to the register's INBOX (design §5). */
export const isReplay = (from: Mailbox, to: Mailbox): boolean =>
  from.type === 'dead' && to.type === 'registerInbox' && from.account === to.account

/** Before a change inside the selected mailbox. @throws No */
export function mustChange(session: Session, view: View): void {
  if (isRecord(view.mailbox)) throw new No('CANNOT', sentences.appendOnly)
  mustWrite(session, view.place)
  if (view.readOnly) throw new No(undefined, 'the mailbox is open read-only')
}

/** Append-only by type, for everyone (design §5): nothing in it can change, so it is opened read-only. */
export const isRecord = (mailbox: Mailbox): boolean => mailbox.type === 'ledger' || mailbox.type === 'handled'

/** Octets allowed in all, for jobs that add messages; offices and registers have no limit. */
export function quotaOf(session: Session, account: StoredAccount): { quota: number } | Record<string, never> {
  const quota = account.kind === 'person' ? session.given.accounts.byId(account.id)?.quota : undefined
  return quota === undefined ? {} : { quota }
}
