/** GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208). One root for each account, named by its address. */

import type { StoredAccount } from '#mailserver/accounts/port.ts'
import { maxList } from '../limits.ts'
import { offices } from '../offices.ts'
import type { Scanner } from '../parse/scanner.ts'
import { utf8 } from '../parse/scanner.ts'
import { everything, find, mustHave, quotaOf } from '../places.ts'
import { No, ok } from '../reply.ts'
import type { Session } from '../session.ts'
import { imapString, mailboxName } from '../write/text.ts'
import { command } from './command.ts'
import { readOneName } from './delete.ts'

/** Storage in units of 1,024 octets, and messages (RFC 9208 §5.1, §5.2); a resource without a limit is not named. */
function quotaLine(session: Session, account: StoredAccount): string {
  const { quota, mostMessages } = quotaOf(session, account)
  const { octets, messages } = session.given.store.read.usage(account.id)
  const resources = [
    ...(quota === undefined ? [] : [`STORAGE ${Math.ceil(octets / 1024)} ${Math.floor(quota / 1024)}`]),
    ...(mostMessages === undefined ? [] : [`MESSAGE ${messages} ${mostMessages}`]),
  ]
  return `* QUOTA ${imapString(account.address)} (${resources.join(' ')})`
}

export const getQuotaRoot = command({
  name: 'GETQUOTAROOT',
  when: 'signed-in',
  read: readOneName,
  run(session, name) {
    const { place, mailbox } = find(session, name)
    mustHave(session, { mailbox }, 'r')
    session.out.line(`* QUOTAROOT ${mailboxName(place.name, session.utf8)} ${imapString(place.account.address)}`)
    session.out.line(quotaLine(session, place.account))
    return ok('GETQUOTAROOT completed')
  },
})

export const getQuota = command({
  name: 'GETQUOTA',
  when: 'signed-in',
  read: readOneName,
  run(session, octets) {
    const root = utf8(octets, 'a quota root')
    const account =
      [session.user.account, ...offices(session).map((office) => office.account)].find(
        (each) => each.address === root,
      ) ?? everything(session).find(({ place }) => place.account.address === root)?.place.account
    if (!account) throw new No('NONEXISTENT', 'there is no such quota root')
    session.out.line(quotaLine(session, account))
    return ok('GETQUOTA completed')
  },
})

export const setQuota = command({
  name: 'SETQUOTA',
  when: 'signed-in',
  read(args: Scanner) {
    args.space()
    args.astring('a quota root')
    args.space()
    args.list(() => args.atom(), { max: maxList })
    args.end()
  },
  run() {
    throw new No('NOPERM', 'quotas are set by the administration')
  },
})
