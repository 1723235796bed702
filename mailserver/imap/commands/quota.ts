/** GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208). One root for each account, named by its address. */

import type { StoredAccount } from '#mailserver/accounts/port.ts'
import { maxList } from '../limits.ts'
import { offices } from '../offices.ts'
import type { Scanner } from '../parse/scanner.ts'
import { utf8 } from '../parse/scanner.ts'
import { everything, find, mustHave } from '../places.ts'
import { No, ok } from '../reply.ts'
import type { Session } from '../session.ts'
import { imapString, mailboxName } from '../write/text.ts'
import { command } from './command.ts'
import { readOneName } from './delete.ts'

/** Storage in units of 1,024 octets (RFC 9208 §5.1); no list of resources where there is no limit. */
function quotaLine(session: Session, account: StoredAccount): string {
  const quota = session.given.accounts.byId(account.id)?.quota
  if (quota === undefined) return `* QUOTA ${imapString(account.address)} ()`
  const { octets } = session.given.store.read.usage(account.id)
  return `* QUOTA ${imapString(account.address)} (STORAGE ${Math.ceil(octets / 1024)} ${Math.floor(quota / 1024)})`
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
