/** CAPABILITY (RFC 9051 §6.1.1). What is named here works to the letter; docs/rfc.md lists where and how it is tested. */
import { offered } from '#mailserver/accounts/sasl/table.ts'
import { ok } from '../reply.ts'
import type { Session } from '../session.ts'
import { command, nothing } from './command.ts'

export function capabilities(session: Session): string {
  // RFC 7888: before sign-in nothing longer than 4,096 octets is taken, which is what LITERAL- says.
  const always = ['IMAP4rev1', 'IMAP4rev2', session.signedIn ? 'LITERAL+' : 'LITERAL-', 'SASL-IR', 'ID', 'ENABLE']
  if (!session.signedIn) {
    if (!session.encrypted && session.given.tls) always.push('STARTTLS')
    always.push(
      ...(session.secure
        ? offered(session.channel, session.given.accounts).map(({ name }) => `AUTH=${name}`)
        : ['LOGINDISABLED']),
    )
    return always.join(' ')
  }
  return [
    ...always,
    'IDLE',
    ...(session.startCompression ? ['COMPRESS=DEFLATE'] : []),
    'NAMESPACE',
    'NOTIFY',
    'UIDPLUS',
    'UIDONLY',
    'MULTIAPPEND',
    'CATENATE',
    'URL-PARTIAL',
    'REPLACE',
    'MOVE',
    'UNSELECT',
    'CHILDREN',
    'CONDSTORE',
    'QRESYNC',
    'ESEARCH',
    'MULTISEARCH',
    'INPROGRESS',
    'SEARCHRES',
    'PARTIAL',
    'WITHIN',
    'SORT',
    'SORT=DISPLAY',
    'ESORT',
    'CONTEXT=SEARCH',
    'CONTEXT=SORT',
    'THREAD=ORDEREDSUBJECT',
    'THREAD=REFERENCES',
    'THREAD=REFS',
    'BINARY',
    'UTF8=ACCEPT',
    'SPECIAL-USE',
    'CREATE-SPECIAL-USE',
    'LIST-EXTENDED',
    'LIST-STATUS',
    'STATUS=SIZE',
    'OBJECTID',
    'ACL',
    'RIGHTS=kxte', // those that RFC 2086 did not have
    'LIST-MYRIGHTS',
    'LIST-METADATA',
    'PREVIEW',
    'SAVEDATE',
    'METADATA',
    'QUOTA',
    'QUOTA=RES-STORAGE',
    'QUOTA=RES-MESSAGE',
    `APPENDLIMIT=${session.given.maxMessage}`,
  ].join(' ')
}

export const capability = command({
  name: 'CAPABILITY',
  when: 'always',
  read: nothing,
  run(session) {
    session.out.line(`* CAPABILITY ${capabilities(session)}`)
    return ok('CAPABILITY completed')
  },
})
