/** From a decided event to octets: the ledger's entry, and one message for each letter. */
import { createHash } from 'node:crypto'
import type { Event, Letter } from '#kit/act/act.ts'
import type { AnyAct, Registry } from '#kit/act/registry.ts'
import type { Agency, OutgoingNotice } from '#kit/directory/calls.ts'
import { letterBodies } from '#kit/message/markup.ts'
import { replyTo } from '#kit/message/replyto.ts'
import { type Attachment, writeEvent, writeNotice } from '#kit/message/write.ts'
import { shortDate } from '#kit/vi/dates.ts'
import { askedActs, askedUntil } from '../projection/asked.ts'
import type { GetFile } from './casefiles.ts'
import { printDocument } from './print.ts'

// design §5: up to 15 MB travel to the outside in the mail. Inside, a letter stays below what any mail program of an office takes.
const MAX_OUTSIDE = 15 * 1024 * 1024
const MAX_INSIDE = 25 * 1024 * 1024

export type LetterContext = {
  agency: Agency
  registry: Registry
  family: string
  act: AnyAct
  /** the state after the event */
  state: unknown
  /** Message-IDs of the case's entries so far, oldest first */
  thread: readonly string[]
  getFile: GetFile
  portalOrigin: string
  deskOrigin: string
}

/** The entry as the ledger keeps it, with the command's files. Its Message-ID follows from its place in the chain. */
export async function writeEntry(
  event: Event,
  context: Pick<LetterContext, 'agency' | 'act' | 'thread' | 'getFile'> & { sentence: string; subject: string },
): Promise<{ raw: Buffer; data: string; messageId: string }> {
  const { agency, thread } = context
  const messageId = idOf(event, 0)
  const files = await Promise.all(event.files.map((f) => context.getFile(f.sha256)))
  const { raw, data } = await writeEvent(
    {
      from: { name: agency.name, address: event.ledger },
      to: [{ name: agency.name, address: event.ledger }],
      subject: context.subject,
      messageId,
      ...references(thread, event.command),
      date: new Date(event.at),
    },
    letterBodies({
      agency: agency.name,
      paragraphs: [context.sentence],
      footer: [`Sổ ${event.ledger}, mục ${event.seq}`],
    }),
    event,
    files,
  )
  return { raw, data, messageId }
}

/** Every letter of the event, in the order of `tell`: letter n has the sub-address <seq>-<n>. */
export async function writeLetters(event: Event, context: LetterContext): Promise<OutgoingNotice[]> {
  const notices: OutgoingNotice[] = []
  const drawn: Drawn = new Map()
  for (const [i, letter] of context.act.tell(context.state, event).entries())
    notices.push(await writeLetter(event, letter, i + 1, context, drawn))
  return notices
}

/** A paper that several readers get is drawn once, since it takes a tenth of a second and more. By its name within the event. */
type Drawn = Map<string, Attachment>

async function writeLetter(
  event: Event,
  letter: Letter,
  n: number,
  context: LetterContext,
  drawn: Drawn,
): Promise<OutgoingNotice> {
  const { agency, registry, family, state } = context
  const { files, leftOut } = await attachments(letter, event.case, context, drawn)
  const acts = askedActs(registry, family, state, letter)
  const paragraphs = [...letter.paragraphs]
  if (leftOut > 0)
    paragraphs.push(
      letter.audience === 'citizen'
        ? 'Tệp lớn nên không gửi kèm thư; tải trên Cổng dịch vụ công bằng số nộp và mã tra cứu.'
        : 'Tệp lớn nên không gửi kèm thư; mở hồ sơ trên bàn làm việc để xem.',
    )
  const bodies = letterBodies({
    agency: agency.name,
    paragraphs,
    ...(letter.facts ? { facts: letter.facts } : {}),
    ...(acts.length > 0
      ? {
          answers: acts.flatMap((a) => (a.reply ? [a.reply.example] : [])),
          answerUntil: shortDate(askedUntil(acts, event.at)),
        }
      : {}),
    link: linkFor(letter, event.case, context),
  })
  const summary = registry.familyOf(event.kind).summary(state)
  const raw = await writeNotice(
    {
      from: { name: agency.name, address: event.ledger },
      to: letter.to.map((address) => ({ address })),
      ...(acts.length > 0 ? { replyTo: replyTo({ register: event.ledger, seq: event.seq, n }) } : {}),
      subject: letter.subject,
      messageId: idOf(event, n),
      ...references(context.thread, idOf(event, 0)),
      date: new Date(event.at),
    },
    bodies,
    {
      ledger: event.ledger,
      seq: event.seq,
      at: event.at,
      kind: event.kind,
      v: event.v,
      case: event.case,
      data:
        letter.audience === 'portal'
          ? registry.familyOf(event.kind).publicPart(state)
          : { summary, facts: letter.facts ?? [], text: context.act.say(state, event) },
      asks: acts.map((a) => a.kind),
    },
    files,
  )
  return { from: event.ledger, to: letter.to, raw }
}

/** Printed documents always; files of the case as long as they fit. */
async function attachments(
  letter: Letter,
  caseId: string,
  context: LetterContext,
  drawn: Drawn,
): Promise<{ files: Attachment[]; leftOut: number }> {
  const files: Attachment[] = []
  const lookup = `${context.portalOrigin}/tra-cuu?ma=${encodeURIComponent(caseId)}`
  for (const printed of letter.print ?? []) {
    const paper = drawn.get(printed.name) ?? (await printDocument(printed, lookup))
    drawn.set(printed.name, paper)
    files.push(paper)
  }
  let room = (letter.audience === 'citizen' ? MAX_OUTSIDE : MAX_INSIDE) - total(files)
  let leftOut = 0
  for (const sha256 of new Set(letter.attach ?? [])) {
    const file = await context.getFile(sha256)
    if (file.content.byteLength > room) leftOut++
    else {
      files.push(file)
      room -= file.content.byteLength
    }
  }
  return { files, leftOut }
}

function total(files: readonly Attachment[]): number {
  return files.reduce((sum, f) => sum + f.content.byteLength, 0)
}

function linkFor(letter: Letter, caseId: string, context: LetterContext): { href: string; label: string } {
  return letter.audience === 'citizen'
    ? { href: `${context.portalOrigin}/tra-cuu?ma=${encodeURIComponent(caseId)}`, label: 'Tra cứu hồ sơ' }
    : { href: `${context.deskOrigin}/ho-so/${encodeURIComponent(caseId)}`, label: 'Mở hồ sơ' }
}

/** The case's thread: its first entry and the last ones, then what this answers. Mail programs join messages by any of them. */
function references(thread: readonly string[], parent: string): { inReplyTo: string; references: string[] } {
  return { inReplyTo: parent, references: [...new Set([...thread.slice(0, 1), ...thread.slice(-5), parent])] }
}

/** The same for everybody who writes this entry (n = 0) or letter n of it, and for nobody who writes another at this place. */
export function idOf(event: Pick<Event, 'ledger' | 'seq' | 'prev' | 'command'>, n: number): string {
  const at = event.ledger.lastIndexOf('@')
  const digest = createHash('sha256').update(`${event.prev}\n${event.command}`).digest('hex').slice(0, 16)
  return `${event.ledger.slice(0, at)}.${event.seq}.${n}.${digest}${event.ledger.slice(at)}`
}
