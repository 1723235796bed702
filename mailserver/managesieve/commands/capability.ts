import { offered } from '#mailserver/accounts/sasl/table.ts'
import { extensions } from '#mailserver/sieve/check/extensions.ts'
import { MAX_REDIRECTS } from '#mailserver/sieve/limits.ts'
import { ok, writeString } from '../reply.ts'
import type { Session } from '../session.ts'
import { command } from './command.ts'

/** RFC 5804 §1.7 */
export function tellCapabilities(session: Session): void {
  const { out, signedIn } = session
  const said: [string, string?][] = [
    ['IMPLEMENTATION', 'Cong So'],
    ['VERSION', '1.0'],
    // mechanisms are offered where nobody can listen
    [
      'SASL',
      session.secure
        ? offered(session.channel, session.given.accounts)
            .map((m) => m.name)
            .join(' ')
        : '',
    ],
    ['SIEVE', extensions.join(' ')],
    ...(session.startTls && !session.encrypted ? ([['STARTTLS']] as [string][]) : []),
    ['MAXREDIRECTS', String(MAX_REDIRECTS)],
    ['UNAUTHENTICATE'],
    ...(signedIn ? ([['OWNER', session.owner.address]] as [string, string][]) : []),
  ]
  for (const [name, value] of said) out.line(value === undefined ? `"${name}"` : `"${name}" ${writeString(value)}`)
}

export const capability = command({
  name: 'CAPABILITY',
  when: 'always',
  run(session, args) {
    args.end()
    tellCapabilities(session)
    return ok()
  },
})
