/** NAMESPACE (RFC 9051 §6.3.10): personal folders at the root, folders of offices below "Chung/". */
import { separator, sharedRoot } from '../places.ts'
import { ok } from '../reply.ts'
import { command, nothing } from './command.ts'

export const namespace = command({
  name: 'NAMESPACE',
  when: 'signed-in',
  read: nothing,
  run(session) {
    const shared = session.user.account.kind === 'person' ? `(("${sharedRoot}${separator}" "${separator}"))` : 'NIL'
    session.out.line(`* NAMESPACE (("" "${separator}")) NIL ${shared}`)
    return ok('NAMESPACE completed')
  },
})
