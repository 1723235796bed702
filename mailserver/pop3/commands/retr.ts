/** RETR and TOP (RFC 1939 §5, §7): octets go from the store to the client as it takes them. */
import { edited } from '#mailserver/mime/downgrade.ts'
import { number } from '../parse/command.ts'
import { Refused, sentences } from '../reply.ts'
import type { Session } from '../session.ts'
import { top as head, transmitted } from '../write/message.ts'
import { surrogate } from '../write/surrogate.ts'
import { command } from './command.ts'

export const retr = command({
  name: 'RETR',
  when: 'transaction',
  read: number,
  run: (session, n) => send(session, n, (octets) => `+OK ${octets} octets`),
})

export const top = command({
  name: 'TOP',
  when: 'transaction',
  read(args) {
    const match = /^ *(\d{1,10}) +(\d{1,10}) *$/.exec(args)
    if (!match) throw new Refused('TOP wants a message number and a number of lines')
    return { n: Number(match[1]), lines: Number(match[2]) }
  },
  run: (session, { n, lines }) => send(session, n, () => '+OK', lines),
})

/** @throws Refused, MessageGone before anything is said; later the connection ends, or half a message would pass for a whole one */
async function send(
  session: Session,
  n: number,
  first: (octets: number) => string,
  lines?: number,
): Promise<undefined> {
  const { out, given, maildrop } = session
  const { read } = given.store
  const uid = maildrop.uid(maildrop.mustHave(n))
  const [row] = read.rows(maildrop.mailbox.id, { ranges: [[uid, uid]], limit: 1 })
  if (!row) throw new Refused(sentences.gone)
  const { edits, longer } = session.utf8
    ? { edits: [], longer: 0 }
    : await surrogate(read, row.message, () => session.turn())
  const octets = edited(read.octets(row.message), edits)
  const pieces = transmitted(lines === undefined ? octets : head(octets, lines))
  let piece = pieces.next() // throws when the message went this moment
  session.midAnswer = true
  out.line(first(maildrop.size(n) + longer))
  for (; !piece.done; piece = pieces.next()) {
    await out.octetsOf(piece.value)
    await session.turn()
  }
  return undefined
}
