/**
 * Messages on their way in, for APPEND and REPLACE: whether a literal may come, and the octets of a message from its
 * parts. Octets in memory count against the thread's `room`; who holds some already never waits for more.
 */

import { exceeds } from '#mailserver/store/limits.ts'
import { maxAppendOctets } from './limits.ts'
import { linked } from './linked.ts'
import { emptyAppended, type NewMessage, readAppended } from './parse/append.ts'
import type { Admission } from './parse/command.ts'
import { BadSyntax, type Scanner } from './parse/scanner.ts'
import { find, type Located, mustHave, ownFlags, quotaOf, rightsOn } from './places.ts'
import { No, sentences, writeReply } from './reply.ts'
import type { Session } from './session.ts'

export type Ready = { raw: Uint8Array; flags: readonly string[]; internalDate: number }

const tooMany = () => new No('LIMIT', 'Quá nhiều thư trong một lệnh. / Too many octets in one command.')
const noRoom = () => new No('UNAVAILABLE', sentences.full)

/**
 * RFC 9051 §6.3.12: says no before the octets come. `freed`: octets that the same command gives back.
 * @returns undefined when the literal is none of a message
 */
export async function admitMessage(
  session: Session,
  soFar: Scanner,
  octets: number,
  { several, freed = () => 0 }: { several: boolean; freed?: (to: Located) => number },
): Promise<Admission | undefined> {
  const appended = emptyAppended()
  try {
    try {
      readAppended(soFar, appended, { several, partial: true })
    } catch (error) {
      if (!(error instanceof BadSyntax) || !soFar.atEnd) throw error
    }
    if (!appended.expects) return undefined // the mailbox name, or a URL
    const { maxMessage, room, store } = session.given
    if (octets > maxMessage) throw new No('TOOBIG', sentences.tooBig)
    const total = appended.octets + octets
    if (total > Math.max(maxAppendOctets, maxMessage)) throw tooMany()
    const to = target(session, appended.name)
    const gone = freed(to)
    const more = { octets: total - gone, messages: gone > 0 ? 0 : 1 }
    if (exceeds(store.read.usage(to.place.account.id), more, quotaOf(session, to.place.account)))
      throw new No('OVERQUOTA', sentences.overQuota)
    const release = appended.octets === 0 ? await room.take(octets) : room.takeNow(octets)
    if (!release) throw noRoom()
    return { large: true, release }
  } catch (error) {
    if (error instanceof No) return { refuse: writeReply(error.reply) }
    if (error instanceof BadSyntax) return { refuse: `BAD ${error.message}` }
    throw error
  }
}

/** @throws No when no message may be put there */
export function target(session: Session, name: Buffer): Located {
  const to = find(session, name, 'TRYCREATE')
  if (to.mailbox.type !== 'normal') throw new No('CANNOT', sentences.appendOnly)
  mustHave(session, to, 'i')
  return to
}

/** Puts the messages together, runs `work` with them, and gives their room back. @throws No */
export async function assembled<T>(
  session: Session,
  to: Located,
  messages: readonly NewMessage[],
  work: (ready: Ready[]) => Promise<T>,
): Promise<T> {
  const { maxMessage, room } = session.given
  const now = session.given.now()
  const rights = rightsOn(session, to)
  const plans = messages.map((message) =>
    message.parts.map((part) =>
      'text' in part ? { octets: part.text.length, pieces: () => [part.text] } : linked(session, part.url),
    ),
  )
  const sizes = plans.map((plan) => plan.reduce((sum, part) => sum + part.octets, 0))
  if (sizes.some((size) => size > maxMessage)) throw new No('TOOBIG', sentences.tooBig)
  if (sizes.reduce((sum, size) => sum + size, 0) > Math.max(maxAppendOctets, maxMessage)) throw tooMany()
  const copied = messages.reduce((sum, { catenated }, at) => sum + (catenated ? sizes[at]! : 0), 0)
  const release = copied ? room.takeNow(copied) : () => {}
  if (!release) throw noRoom()
  try {
    const ready: Ready[] = []
    for (const [at, message] of messages.entries()) {
      const raw = message.catenated
        ? await joined(session, plans[at]!, sizes[at]!)
        : (message.parts[0] as { text: Buffer }).text
      if (raw.length === 0) throw new No('CANNOT', 'a message has at least one octet') // RFC 9051 §6.3.12 allows; nothing can be shown of it
      // RFC 4314 §4: flags that the session may not set are left out, not refused
      ready.push({ raw, flags: ownFlags(rights, message.flags), internalDate: message.internalDate ?? now })
    }
    return await work(ready)
  } finally {
    release()
  }
}

async function joined(
  session: Session,
  plan: readonly { pieces(): Iterable<Uint8Array> }[],
  size: number,
): Promise<Buffer> {
  const whole = Buffer.alloc(size)
  let at = 0
  for (const part of plan)
    for (const piece of part.pieces()) {
      whole.set(piece, at)
      at += piece.length
      await session.turn()
    }
  return whole
}
