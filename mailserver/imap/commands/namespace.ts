/** NAMESPACE (RFC 9051 §6.3.10): one's own folders at the root, other persons' below "Người khác/", those of offices below "Chung/". */
import { othersRoot, separator, sharedRoot } from '../places.ts'
import { ok } from '../reply.ts'
import { mailboxName } from '../write/text.ts'
import { command, nothing } from './command.ts'

export const namespace = command({
  name: 'NAMESPACE',
  when: 'signed-in',
  read: nothing,
  run(session) {
    const person = session.user.account.kind === 'person'
    const root = (name: string) =>
      person ? `((${mailboxName(name + separator, session.utf8)} "${separator}"))` : 'NIL'
    session.out.line(`* NAMESPACE (("" "${separator}")) ${root(othersRoot)} ${root(sharedRoot)}`)
    return ok('NAMESPACE completed')
  },
})
