/**
 * One message's `* n FETCH (…)`. Envelope and structure are sent as delivery wrote them; sections are sent
 * by offsets, as the client takes them. Nothing is changed here.
 */
import type { MimePart } from '#mailserver/mime/part.ts'
import { type FlagRow, MessageGone, type MessageRow, type MessageTexts } from '#mailserver/store/port.ts'
import { alwaysAnswered, maxTimesAnswered } from '../limits.ts'
import { writeDateTime } from '../parse/dates.ts'
import type { FetchItem } from '../parse/fetch.ts'
import { No } from '../reply.ts'
import type { Session } from '../session.ts'
import type { View } from '../view.ts'
import { decoder } from './decode.ts'
import { writeLiteral } from './literal.ts'
import { cut, findPart, nested, pickFields, spanOf } from './sections.ts'
import { imapString } from './text.ts'

/** `* n FETCH`, and what stands there for clients without sequence numbers (RFC 9586 §3.3). */
export const fetchOf = (session: Session, n: number, uid: number): string =>
  session.uidOnly ? `* ${uid} UIDFETCH` : `* ${n} FETCH`

/** The same with the UID, of which a FETCH that was not asked for needs to speak. */
export const fetchWithUid = (session: Session, n: number, uid: number): string =>
  session.uidOnly ? `* ${uid} UIDFETCH (` : `* ${n} FETCH (UID ${uid} `

/** FLAGS, and MODSEQ for clients that enabled CONDSTORE (RFC 7162 §3.2). */
export function flagsItem(session: Session, view: View, row: FlagRow): string {
  return `${flagsOf(session, view, row)}${session.condstore ? ` MODSEQ (${row.modseq})` : ''}`
}

function flagsOf(session: Session, view: View, row: FlagRow): string {
  const recent = !session.rev2 && !view.readOnly && row.uid >= view.recentFrom
  const written = row.flags.length === 0 ? '' : row.flags.length === 1 ? row.flags[0]! : row.flags.join(' ')
  return `FLAGS (${written}${recent ? (row.flags.length ? ' \\Recent' : '\\Recent') : ''})`
}

/** Stable names of octets and mailboxes (RFC 8474): letters first, or they would read as sequence sets. */
export const emailId = (content: number) => `M${content}`
export const threadId = (thread: number) => `T${thread}`

/** What is asked of each message, looked through once for all of them. */
export type FetchPlan = {
  items: readonly FetchItem[]
  octets: boolean
  texts: boolean
  listing: boolean
  /** nothing but flags and numbers */
  flagsOnly: boolean
}

export const planFetch = (items: readonly FetchItem[]): FetchPlan => ({
  items,
  octets: items.some(needsOctets),
  texts: items.some(({ item }) => item === 'envelope' || item === 'body' || item === 'bodystructure'),
  listing: items.some(({ item }) => item === 'threadid' || item === 'preview'),
  flagsOnly: items.every(({ item }) => item === 'uid' || item === 'flags' || item === 'modseq'),
})

/**
 * @returns a promise when octets are sent or the client must be waited for
 * @throws No [UNKNOWN-CTE], MessageGone: before anything of this message is written; after that any error
 * leaves the client in the middle of a line, and the session must end (`session.midLine` tells)
 */
export function writeFetch(
  session: Session,
  view: View,
  n: number,
  row: MessageRow,
  plan: FetchPlan,
): Promise<void> | undefined {
  if (plan.octets) return writeWithOctets(session, view, n, row, plan)
  const { out } = session
  const facts = plan.texts || plan.listing ? new Facts(session, row, plan) : undefined
  let line = `${fetchOf(session, n, row.uid)} (`
  for (let i = 0; i < plan.items.length; i++) {
    if (i > 0) line += ' '
    line += plainItem(session, view, row, plan.items[i]!, facts)
  }
  out.line(`${line})`)
  return out.mustDrain ? out.drained() : undefined
}

/** What FETCH asks of the store beside the row; read when it is first needed, or at once when it must not fail later. */
class Facts {
  readonly #session: Session
  readonly #row: MessageRow
  readonly texts: MessageTexts | undefined
  readonly listing: { thread?: number; preview: string } | undefined
  #structure: MimePart | undefined

  constructor(session: Session, row: MessageRow, { texts, listing }: FetchPlan) {
    const { read } = session.given.store
    this.#session = session
    this.#row = row
    if (texts) this.texts = row.texts ?? read.texts(row.message)
    if (listing) this.listing = read.listing(row.content)
  }

  get structure(): MimePart {
    this.#structure ??= this.#session.given.store.read.structure(this.#row.message)
    return this.#structure
  }
}

function plainItem(
  session: Session,
  view: View,
  row: MessageRow,
  { item }: FetchItem,
  facts: Facts | undefined,
): string {
  switch (item) {
    case 'uid':
      return `UID ${row.uid}`
    case 'flags':
      return flagsOf(session, view, row)
    case 'internaldate':
      return `INTERNALDATE "${writeDateTime(row.internalDate)}"`
    case 'size':
      return `RFC822.SIZE ${row.size}`
    case 'envelope':
      return `ENVELOPE ${facts!.texts!.envelope}`
    case 'body':
      return `BODY ${facts!.texts!.body}`
    case 'bodystructure':
      return `BODYSTRUCTURE ${facts!.texts!.bodyStructure}`
    case 'modseq':
      return `MODSEQ (${row.modseq})`
    case 'emailid':
      return `EMAILID (${emailId(row.content)})`
    case 'threadid': {
      const { thread } = facts!.listing!
      return `THREADID ${thread === undefined ? 'NIL' : `(${threadId(thread)})`}` // RFC 8474 §5.2
    }
    case 'preview':
      return `PREVIEW ${imapString(facts!.listing!.preview)}`
    case 'savedate':
      // RFC 8514 §4.2; NIL: it came before that was kept
      return `SAVEDATE ${row.savedAt === undefined ? 'NIL' : `"${writeDateTime(row.savedAt)}"`}`
    default:
      throw new Error(`${item} is not written without octets`)
  }
}

async function writeWithOctets(
  session: Session,
  view: View,
  n: number,
  row: MessageRow,
  plan: FetchPlan,
): Promise<void> {
  const { out } = session
  const { read } = session.given.store
  const { items } = plan
  const facts = new Facts(session, row, plan)
  // What may fail fails here, before the first word: a message that has gone, an encoding that nobody knows.
  if (items.some((item) => needsOctets(item) && !isWhole(item))) void facts.structure
  const octets = items.filter(needsOctets)
  // one whole message is asked for most: its octets are at hand, or the message has gone
  const whole = octets.length === 1 && isWhole(octets[0]!) ? read.octets(row.message, 0, row.size) : undefined
  if (!whole && read.rows(view.watch.id, { ranges: [[row.uid, row.uid]], limit: 1 }).length === 0)
    throw new MessageGone(`message ${row.message}`)
  for (const item of items)
    if (item.item === 'binary' || item.item === 'binary.size') decodedPart(session, row, facts, item.part)
  if (octets.length > maxTimesAnswered) mustNotMultiply(octets, row, facts)
  session.midLine = true
  out.text(`${fetchOf(session, n, row.uid)} (`)
  for (const [i, item] of items.entries()) {
    if (i > 0) out.text(' ')
    switch (item.item) {
      case 'section':
        if (whole && !item.partial) {
          out.text(`${item.label} `)
          await writeLiteral(out, row.size, whole)
        } else await writeSection(session, row, facts, item)
        break
      case 'binary':
        await writeBinary(session, row, facts, item)
        break
      case 'binary.size': {
        let size = 0
        for (const piece of decodedPart(session, row, facts, item.part)?.() ?? []) {
          size += piece.length
          await session.turn()
        }
        out.text(`${item.label} ${size}`)
        break
      }
      default:
        out.text(plainItem(session, view, row, item, facts))
    }
  }
  out.line(')')
  session.midLine = false
  await out.drained()
}

/**
 * A FETCH may name 500 sections, and each may be the whole message: 25 GB for one line. Honest ones overlap a little (the whole, its
 * header and a part), or are disjoint.
 * @throws No [LIMIT]
 */
function mustNotMultiply(items: readonly FetchItem[], row: MessageRow, facts: Facts): void {
  const most = Math.max(maxTimesAnswered * row.size, alwaysAnswered)
  let sum = 0
  for (const item of items) {
    if (item.item === 'section') {
      const span = isWhole(item) ? { from: 0, to: row.size } : spanOf(facts.structure, item.section)
      const part = span && cut(span, item.partial)
      if (part) sum += part.to - part.from
    } else if (item.item === 'binary' || item.item === 'binary.size') {
      const part = findPart(facts.structure, item.part)
      if (part) sum += part.bodyEnd - part.bodyStart // a part of it is decoded from its start
    }
  }
  if (sum > most) throw new No('LIMIT', `these sections repeat more than ${maxTimesAnswered} times the message`)
}

const needsOctets = (item: FetchItem) =>
  item.item === 'section' || item.item === 'binary' || item.item === 'binary.size'
const isWhole = (item: FetchItem) => item.item === 'section' && item.section.part === '' && item.section.text === 'all'

async function writeSection(
  session: Session,
  row: MessageRow,
  facts: Facts,
  item: FetchItem & { item: 'section' },
): Promise<void> {
  const { out } = session
  const { read } = session.given.store
  const origin = item.partial ? `<${item.partial.from}>` : ''
  // the whole message is asked for most, and needs no structure
  const whole = isWhole(item)
  const span = whole ? { from: 0, to: row.size } : spanOf(facts.structure, item.section)
  if (!span) {
    out.text(`${item.label}${origin} NIL`)
    return
  }
  if (item.section.text === 'fields' || item.section.text === 'fields-not') {
    const picked =
      span.to > span.from
        ? pickFields(
            Buffer.concat([...read.octets(row.message, span.from, span.to)]),
            item.section.fields,
            item.section.text === 'fields',
          )
        : Buffer.alloc(0)
    const part = cut({ from: 0, to: picked.length }, item.partial)
    out.text(`${item.label}${origin} `)
    await writeLiteral(out, part.to - part.from, part.to > part.from ? [picked.subarray(part.from, part.to)] : [])
    return
  }
  const part = cut(span, item.partial)
  out.text(`${item.label}${origin} `)
  await writeLiteral(out, part.to - part.from, part.to > part.from ? read.octets(row.message, part.from, part.to) : [])
}

/** The decoded octets of a part, as often as asked; undefined: there is no such part. */
function decodedPart(
  session: Session,
  row: MessageRow,
  facts: Facts,
  number: string,
): (() => Iterable<Uint8Array>) | undefined {
  const { read } = session.given.store
  if (number === '') return () => read.octets(row.message, 0, row.size)
  const part = findPart(facts.structure, number)
  if (!part) return undefined
  // multipart and message have no encoding of their own but identity (RFC 2045 §6.4)
  const decode = part.type.startsWith('multipart/') || nested(part) ? decoder('7bit') : decoder(part.encoding)
  if (!decode) throw new No('UNKNOWN-CTE', 'the transfer encoding of this part is not known')
  return () => (part.bodyEnd > part.bodyStart ? decode(read.octets(row.message, part.bodyStart, part.bodyEnd)) : [])
}

async function writeBinary(
  session: Session,
  row: MessageRow,
  facts: Facts,
  item: FetchItem & { item: 'binary' },
): Promise<void> {
  const { out } = session
  const origin = item.partial ? `<${item.partial.from}>` : ''
  const decoded = decodedPart(session, row, facts, item.part)
  if (!decoded) {
    out.text(`${item.label}${origin} NIL`)
    return
  }
  // Twice through the part: once to count, once to send. Nothing is kept.
  let size = 0
  let hasNul = false
  for (const piece of decoded()) {
    size += piece.length
    hasNul ||= piece.includes(0)
    await session.turn()
  }
  const part = cut({ from: 0, to: size }, item.partial)
  out.text(`${item.label}${origin} `)
  await writeLiteral(out, part.to - part.from, slice(decoded(), part.from, part.to), hasNul)
}

function* slice(pieces: Iterable<Uint8Array>, from: number, to: number): Generator<Uint8Array> {
  let at = 0
  for (const piece of pieces) {
    if (at >= to) return
    const start = Math.max(0, from - at)
    const end = Math.min(piece.length, to - at)
    if (end > start) yield piece.subarray(start, end)
    at += piece.length
  }
}
