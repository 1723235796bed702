/** CAPA (RFC 2449 §5). What is named here works to the letter; docs/rfc.md lists where and how it is tested. */
import { offered } from '#mailserver/accounts/sasl/table.ts'
import { nothing } from '../parse/command.ts'
import type { Session } from '../session.ts'
import { command } from './command.ts'

export const capa = command({
  name: 'CAPA',
  when: 'always',
  read: nothing,
  run(session) {
    for (const line of ['+OK Capability list follows', ...capabilities(session), '.']) session.out.line(line)
    return undefined
  },
})

function capabilities(session: Session): string[] {
  return [
    'TOP',
    'UIDL',
    'RESP-CODES',
    'AUTH-RESP-CODE',
    'PIPELINING',
    'EXPIRE NEVER',
    'UTF8 USER',
    'LANG',
    ...(session.secure
      ? [
          'USER',
          `SASL ${offered(undefined, session.given.accounts)
            .map(({ name }) => name)
            .join(' ')}`,
        ]
      : []),
    ...(session.startTls && !session.drop ? ['STLS'] : []),
    // RFC 2449 §6.9 lets it be said after sign-in alone, where it helps nobody to choose an attack
    ...(session.drop ? ['IMPLEMENTATION Cong-So'] : []),
  ]
}
