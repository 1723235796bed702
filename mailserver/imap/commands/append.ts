/**
 * APPEND (RFC 9051 §6.3.12, RFC 7889). The literal is asked for only when the mailbox is there, may be written
 * and the size is allowed; its octets count against `appendBudget` while they are in memory.
 */
import { readDateTime } from '../parse/dates.ts'
import { readFlagList } from '../parse/flags.ts'
import { BadSyntax, type Scanner } from '../parse/scanner.ts'
import { find, mustHave, ownFlags, quotaOf, rightsOn } from '../places.ts'
import { No, ok, refused, sentences, writeReply } from '../reply.ts'
import type { Session } from '../session.ts'
import { command } from './command.ts'

type Appended = { name: Buffer; flags: string[]; internalDate?: number }

function readBefore(args: Scanner): Appended {
  args.space()
  const name = args.astring('a mailbox name')
  args.space()
  let flags: string[] = []
  if (args.atList) {
    flags = readFlagList(args)
    args.space()
  }
  if (!args.is('"')) return { name, flags }
  const internalDate = readDateTime(args.string('a date').toString('latin1'))
  args.space()
  return { name, flags, internalDate }
}

export const append = command({
  name: 'APPEND',
  when: 'signed-in',
  read(args: Scanner): Appended & { raw: Buffer } {
    const before = readBefore(args)
    const raw = args.message()
    args.maySpace()
    args.end()
    return { ...before, raw }
  },
  async admit(session: Session, soFar: Scanner, octets: number) {
    try {
      let before: Appended
      try {
        before = readBefore(soFar)
      } catch (error) {
        if (error instanceof BadSyntax) return undefined // the literal is the mailbox name
        throw error
      }
      if (octets > session.given.maxMessage) throw new No('TOOBIG', sentences.tooBig)
      const { place, mailbox } = find(session, before.name, 'TRYCREATE')
      if (mailbox.type !== 'normal') throw new No('CANNOT', sentences.appendOnly)
      mustHave(session, { mailbox }, 'i')
      const { quota } = quotaOf(session, place.account)
      if (quota !== undefined && session.given.store.read.usage(place.account.id).octets + octets > quota)
        throw new No('OVERQUOTA', sentences.overQuota)
      return { large: true, release: await session.given.appendRoom(octets) }
    } catch (error) {
      if (error instanceof No) return { refuse: writeReply(error.reply) }
      if (error instanceof BadSyntax) return { refuse: `BAD ${error.message}` }
      throw error
    }
  },
  async run(session, { name, flags, internalDate, raw }) {
    const { place, mailbox } = find(session, name, 'TRYCREATE')
    if (mailbox.type !== 'normal') throw new No('CANNOT', sentences.appendOnly)
    mustHave(session, { mailbox }, 'i')
    if (raw.length === 0) throw new No('CANNOT', 'a message has at least one octet') // RFC 9051 §6.3.12 allows; nothing can be shown of it
    const done = await session.given.store.write('append', {
      mailbox: mailbox.id,
      raw,
      flags: ownFlags(rightsOn(session, { mailbox }), flags), // RFC 4314 §4: others are left out, not refused
      internalDate: internalDate ?? session.given.now(),
      ...quotaOf(session, place.account),
    })
    if ('refused' in done) throw refused(done.refused)
    if (session.view?.watch.id === mailbox.id) session.view.stir()
    return ok('APPEND completed', `APPENDUID ${done.uidValidity} ${done.uid}`)
  },
})
