/**
 * GETACL, SETACL, DELETEACL, LISTRIGHTS and MYRIGHTS (RFC 4314). Identifiers are addresses of persons, groups and offices, and
 * "anyone"; entries have dates, which these commands keep but cannot show: those that are not in force are not listed.
 */

import {
  allRights,
  inForce,
  ownerRights,
  type Rights,
  rightsByGrant,
  union,
  writeRights,
} from '#mailserver/sharing/rights.ts'
import type { AclEntry } from '#mailserver/store/port.ts'
import { type Identifier, readOfMailbox, readSetAcl, type SetAcl } from '../parse/acl.ts'
import { find, type Located, mustHave, type Place } from '../places.ts'
import { No, ok } from '../reply.ts'
import type { Session } from '../session.ts'
import { imapString, mailboxName } from '../write/text.ts'
import { command } from './command.ts'
import { readOneName } from './delete.ts'

export const myRightsLine = (session: Session, { name, rights }: Place): string =>
  `* MYRIGHTS ${mailboxName(name, session.utf8)} ${imapString(writeRights(rights))}`

/** @throws No: only those who administer a mailbox see and change its list */
function administered(session: Session, name: Buffer): Located {
  const located = find(session, name)
  mustHave(session, located, 'a')
  return located
}

export const myRights = command({
  name: 'MYRIGHTS',
  when: 'signed-in',
  read: readOneName,
  run(session, name) {
    session.out.line(myRightsLine(session, find(session, name).place))
    return ok('MYRIGHTS completed')
  },
})

export const getAcl = command({
  name: 'GETACL',
  when: 'signed-in',
  read: readOneName,
  run(session, name) {
    const { place, mailbox } = administered(session, name)
    const owner = place.account.address
    const now = session.given.now()
    const entries = session.given.store.read.acl(mailbox.id).filter((entry) => inForce(entry, now))
    const shown = new Map(
      place.shared === 'office' ? holders(session, owner) : [[owner, ownerRights(entries, owner, now)]],
    )
    for (const entry of entries) {
      const who = written(entry)
      if (place.shared === 'office' || entry.identifier !== owner)
        shown.set(who, union(shown.get(who) ?? '', entry.rights))
    }
    const pairs = [...shown].map(([who, rights]) => pair(who, rights))
    session.out.line(`* ACL ${[mailboxName(place.name, session.utf8), ...pairs].join(' ')}`)
    return ok('GETACL completed')
  },
})

/** What the administration gave on an office as a whole: rights that lists of single folders add to, and cannot take back. */
function holders(session: Session, office: string): Map<string, Rights> {
  const held = new Map<string, Rights>()
  for (const grant of session.given.accounts.grantsOn(office)) {
    const rights = union(held.get(grant.person) ?? '', rightsByGrant(grant.rights))
    if (rights !== '') held.set(grant.person, rights)
  }
  return held
}

const pair = (identifier: string, rights: string) => `${imapString(identifier)} ${imapString(writeRights(rights))}`
const written = ({ identifier, negative }: AclEntry) => (negative ? `-${identifier}` : identifier)

/** @throws No [CANNOT] for an identifier that names nobody here */
function identified(session: Session, { text }: Identifier): string {
  const found = session.given.accounts.identifier(text)
  if (!found)
    throw new No('CANNOT', 'Không có người hoặc nhóm này trong hệ thống. / There is no such person or group here.')
  return found.identifier
}

export const setAcl = command({
  name: 'SETACL',
  when: 'signed-in',
  read: readSetAcl,
  async run(session, { mailbox, identifier, change }) {
    const located = administered(session, mailbox)
    await changeEntry(
      session,
      located,
      { identifier: identified(session, identifier), negative: identifier.negative },
      change,
    )
    return ok('SETACL completed')
  },
})

export const deleteAcl = command({
  name: 'DELETEACL',
  when: 'signed-in',
  read: readOfMailbox,
  async run(session, { mailbox, identifier }) {
    const located = administered(session, mailbox)
    // what is listed can be removed, also when the group or person is no more
    const name = session.given.accounts.identifier(identifier.text)?.identifier ?? identifier.text.toLowerCase()
    await changeEntry(session, located, { identifier: name, negative: identifier.negative }, { op: 'set', rights: '' })
    return ok('DELETEACL completed')
  },
})

async function changeEntry(
  session: Session,
  { place, mailbox }: Located,
  whose: { identifier: string; negative: boolean },
  change: SetAcl['change'],
): Promise<void> {
  const { store, log, now } = session.given
  const by = session.user.account.address
  const done = await store.write('setAcl', { mailbox: mailbox.id, ...whose, change, by, at: now() })
  if ('refused' in done)
    throw done.refused === 'limit'
      ? new No('LIMIT', 'Thư mục đã chia sẻ cho quá nhiều người; hãy dùng nhóm. / Too many entries; use a group.')
      : new No('NONEXISTENT', 'the mailbox is gone')
  log.info(
    { by, account: place.account.address, mailbox: place.path, ...whose, ...change },
    'rights on a mailbox changed',
  )
}

export const listRights = command({
  name: 'LISTRIGHTS',
  when: 'signed-in',
  read: readOfMailbox,
  run(session, asked) {
    const { place } = administered(session, asked.mailbox)
    const identifier = identified(session, asked.identifier)
    // RFC 4314 §3.4: what this identifier always has, then what may be given or not, each for itself
    const owner = place.account.address
    const required = place.shared === 'office' ? holders(session, owner).get(identifier) : identifier === owner && 'la'
    const always = (!asked.identifier.negative && required) || ''
    const optional = [...allRights].filter((right) => !always.includes(right))
    const shown = `${asked.identifier.negative ? '-' : ''}${identifier}`
    session.out.line(
      `* LISTRIGHTS ${mailboxName(place.name, session.utf8)} ${imapString(shown)} "${always}" ${optional.join(' ')}`,
    )
    return ok('LISTRIGHTS completed')
  },
})
