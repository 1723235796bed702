/**
 * The arguments of APPEND and REPLACE: mailbox, then messages, each a literal, `UTF8 (~{…}` (RFC 6855 §4) or
 * `CATENATE (…)` (RFC 4469 §5), as many as RFC 3502 allows. The same reader serves the arguments as they stand
 * when a literal has been announced and not come: `expects` then says what it will be.
 */
import { maxAppendMessages, maxList } from '../limits.ts'
import { readDateTime } from './dates.ts'
import { readFlagList } from './flags.ts'
import { BadSyntax, type Scanner, utf8 } from './scanner.ts'

export type Part = { text: Buffer } | { url: string }
export type NewMessage = {
  flags: string[]
  /** milliseconds since 1970 */
  internalDate?: number
  /** one text for a message sent whole */
  parts: Part[]
  catenated: boolean
}
export type Appended = {
  name: Buffer
  messages: NewMessage[]
  /** octets of literals that are messages or parts of them */
  octets: number
  /** the text ended where a message (or a part of one) must come */
  expects?: 'message'
}

/**
 * One message for REPLACE, several for APPEND.
 * @param partial the arguments end where a literal was announced
 * @throws BadSyntax
 */
export function readAppended(
  args: Scanner,
  appended: Appended,
  { several, partial = false }: { several: boolean; partial?: boolean },
): void {
  args.space()
  appended.name = args.astring('a mailbox name')
  do {
    if (appended.messages.length >= (several ? maxAppendMessages : 1))
      throw new BadSyntax(several ? `APPEND takes ${maxAppendMessages} messages at once` : 'REPLACE takes one message')
    args.space()
    readMessage(args, appended)
  } while (partial || !blank(args))
  args.end()
}

/** Nothing but spaces left. */
function blank(args: Scanner): boolean {
  if (args.atEnd) return true
  const rest = args.fork()
  return rest.maySpace() && rest.atEnd && args.maySpace()
}

export const emptyAppended = (): Appended => ({ name: Buffer.alloc(0), messages: [], octets: 0 })

function readMessage(args: Scanner, appended: Appended): void {
  const message: NewMessage = { flags: [], parts: [], catenated: false }
  if (args.atList) {
    message.flags = readFlagList(args)
    args.space()
  }
  if (args.is('"')) {
    message.internalDate = readDateTime(args.string('a date').toString('latin1'))
    args.space()
  }
  if (args.atLiteral || args.atEnd) message.parts.push({ text: literal(args, appended) })
  else {
    const word = args.word('a message')
    args.space()
    if (word === 'UTF8') message.parts.push({ text: utf8Literal(args, appended) })
    else if (word === 'CATENATE') {
      message.catenated = true
      message.parts = args.list(() => readPart(args, appended), { empty: false, max: maxList })
    } else throw new BadSyntax('expected a literal, UTF8 or CATENATE')
  }
  appended.messages.push(message)
}

function readPart(args: Scanner, appended: Appended): Part {
  const word = args.word('TEXT, URL or UTF8')
  args.space()
  if (word === 'URL') return { url: utf8(args.astring('a URL'), 'a URL') }
  if (word === 'TEXT') return { text: literal(args, appended) }
  if (word !== 'UTF8') throw new BadSyntax('expected TEXT, URL or UTF8')
  return { text: utf8Literal(args, appended) }
}

function utf8Literal(args: Scanner, appended: Appended): Buffer {
  args.expect('(')
  const octets = literal(args, appended)
  args.expect(')')
  return octets
}

function literal(args: Scanner, appended: Appended): Buffer {
  if (args.atEnd) appended.expects = 'message'
  const octets = args.message()
  appended.octets += octets.length
  return octets
}
