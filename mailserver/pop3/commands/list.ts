/** STAT, LIST and UIDL (RFC 1939 §5, §7): what the maildrop holds, line by line as the client takes them. */

import { linesTogether } from '../limits.ts'
import type { Maildrop } from '../maildrop.ts'
import { maybeNumber, nothing } from '../parse/command.ts'
import { ok } from '../reply.ts'
import type { Session } from '../session.ts'
import { command } from './command.ts'

export const stat = command({
  name: 'STAT',
  when: 'transaction',
  read: nothing,
  run({ maildrop: { left } }) {
    return ok(`${left.messages} ${left.octets}`)
  },
})

const listing = (name: string, value: (drop: Maildrop, n: number) => string | number) =>
  command({
    name,
    when: 'transaction',
    read: maybeNumber,
    run(session, n) {
      const drop = session.maildrop
      if (n !== undefined) return ok(`${n} ${value(drop, drop.mustHave(n))}`)
      return all(session, (each) => value(drop, each))
    },
  })

export const list = listing('LIST', (drop, n) => drop.size(n))
export const uidl = listing('UIDL', (drop, n) => drop.uniqueId(n))

async function all(session: Session, value: (n: number) => string | number): Promise<undefined> {
  const { out, maildrop } = session
  session.midAnswer = true
  out.line(`+OK ${maildrop.left.messages} messages`)
  for (let n = 1; n <= maildrop.last; n++) {
    if (!maildrop.isDeleted(n)) out.line(`${n} ${value(n)}`)
    if (n % linesTogether === 0) {
      await out.drained()
      await session.turn()
    }
  }
  out.line('.')
  return undefined
}
