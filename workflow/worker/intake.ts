/**
 * A message of a register's INBOX, read into what it asks. The seal comes first: without a good one a message is ordinary
 * mail whatever its fields say, stays in INBOX for the clerk, and is never answered.
 */
import type { AnyAct, Registry } from '#kit/act/registry.ts'
import type { Address, Directory, Instant, SealKey } from '#kit/directory/calls.ts'
import { readAddresses, sameForm } from '#kit/mail/addresses.ts'
import { peekHeader, values } from '#kit/message/header.ts'
import { readMessage } from '#kit/message/read.ts'
import { mayNotAct, type Reply, readReply } from '#kit/message/reply.ts'
import { readReplyTo, replyTo } from '#kit/message/replyto.ts'
import { checkSeal, type Sealed } from '#kit/message/seal.ts'
import { readAnswer } from '#kit/message/verbs.ts'
import { type Attachment, fileRef } from '#kit/message/write.ts'
import { Refusal } from '#kit/refusal.ts'
import type { Projection } from '../projection/projection.ts'
import { type Signer, whoActed } from './actor.ts'
import { seconds } from './clock.ts'
import type { Asking } from './decide.ts'
import type { Refused } from './refusal.ts'

export type Fresh = { ref: ReturnType<typeof fileRef>; file: Attachment }

export type Incoming =
  /** ordinary mail, or mail that nothing may be done with; `loud` when it means to be sealed and is not */
  | { is: 'left'; why: string; loud: boolean }
  | { is: 'asking'; asking: Asking; fresh: Fresh[]; from: Address; subject: string }
  /** sealed, and wrong before any rule was asked */
  | { is: 'refused'; id: string; from: Address; signer: Signer; refused: Refused; why: string }

export type IntakeContext = {
  register: Address
  portal: Address
  registry: Registry
  projection: Projection
  directory: Pick<Directory, 'directory.lookup' | 'directory.holds'>
}

/** By the header alone: may this be a command or an answer? What is not costs no more than its header. */
export function mayConcernUs(header: { names: readonly string[]; to: readonly Address[] }, register: Address): boolean {
  return (
    header.names.some((name) => name.toLowerCase().startsWith('congso-')) ||
    header.to.some((address) => readReplyTo(address)?.register === register)
  )
}

/** A message as far as it can be read before its turn has come: from its octets and the keys alone. */
export type Opened = { raw: Buffer; receivedAt: Instant } & (
  | Extract<Incoming, { is: 'left' }>
  | { is: 'sealed'; structured: boolean; sealed: Sealed }
)

export async function openLetter(
  { raw, received }: { raw: Buffer; received: Date },
  { register, keys }: { register: Address; keys: readonly SealKey[] },
): Promise<Opened> {
  const receivedAt = seconds(received.getTime())
  const left = (why: string, loud = false): Opened => ({ raw, receivedAt, is: 'left', why, loud })
  const fields = peekHeader(raw)
  const structured = fields.some((f) => /^congso-/i.test(f.name))
  const asked = ['To', 'Cc']
    .flatMap((name) => values(fields, name))
    .flatMap(readable)
    .filter((address) => readReplyTo(address)?.register === register)
  if (!structured && asked.length === 0) return left('ordinary mail')

  const sealed = await checkSeal(raw, { keys, at: receivedAt, register: structured ? register : asked[0]! })
  if (!sealed.ok) return left(`seal ${sealed.seal}: ${sealed.why}`, sealed.seal === 'broken')
  const machine = mayNotAct(raw)
  // our own timer is a machine and says so; its right to act is checked with the act (`by: 'timer'`)
  if (machine !== undefined && sealed.from !== register) return left(machine)
  return { raw, receivedAt, is: 'sealed', structured, sealed }
}

export async function readIncoming(opened: Opened, context: IntakeContext): Promise<Incoming> {
  if (opened.is === 'left') return { is: 'left', why: opened.why, loud: opened.loud }
  const { raw, receivedAt, structured, sealed } = opened
  const signer = await whoActed(sealed.from, sealed.sender, { ...context, receivedAt })
  if (signer.is === 'register') return { is: 'left', why: 'from another register', loud: false }
  const answerTo = sealed.sender ?? sealed.from
  return structured
    ? readCommand(raw, { receivedAt, signer, answerTo }, context)
    : readAnswerTo(await readReply(raw), { receivedAt, signer, answerTo }, context)
}

type Author = { receivedAt: Instant; signer: Signer; answerTo: Address }

function readCommand(raw: Buffer, author: Author, context: IntakeContext): Incoming {
  const { signer, answerTo, receivedAt } = author
  const versions = (kind: string): number | undefined => context.registry.acts.get(kind)?.v
  const header = peekHeader(raw)
  const id = (values(header, 'Message-ID')[0] ?? '').replaceAll(/[<>\s]/g, '')
  const refuse = (why: string, advice: string): Incoming => ({
    is: 'refused',
    id,
    from: answerTo,
    signer,
    why,
    refused: {
      command: id,
      kind: known(values(header, 'CongSo-Kind')[0], /^[a-z]+\.[a-z]+$/) ?? 'dossier.unknown',
      case: known(values(header, 'CongSo-Case')[0], /^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$/) ?? 'khong-ro',
      subject: 'lệnh không đọc được',
      advice,
    },
  })
  if (id === '') return { is: 'left', why: 'no Message-ID', loud: true }
  try {
    const read = readMessage(raw, { versions })
    if (read?.is !== 'command') return refuse(`a ${read?.is} in place of a command`, 'Thư này không phải là lệnh.')
    const { command, head } = read
    return {
      is: 'asking',
      from: answerTo,
      subject: head.subject,
      fresh: read.files.map((f) => ({ ref: f.ref, file: { name: f.ref.name, type: f.ref.type, content: f.content } })),
      asking: {
        id: head.messageId,
        receivedAt,
        signer,
        kind: command.kind,
        v: command.v,
        case: command.case,
        saw: command.saw,
        data: command.data,
        files: read.files.map((f) => f.ref),
      },
    }
  } catch (err) {
    if (!(err instanceof Refusal)) throw err
    return refuse(err.message, err.advice || 'Lệnh viết sai mẫu. Tải lại trang rồi làm lại.')
  }
}

function readAnswerTo(reply: Reply, author: Author, context: IntakeContext): Incoming {
  const { signer, answerTo, receivedAt } = author
  const { registry, projection, register } = context
  if (!reply.mayAct) return { is: 'left', why: reply.why, loud: false }
  if (reply.messageId === '') return { is: 'left', why: 'no Message-ID', loud: true }
  if (reply.asked?.register !== register) return { is: 'left', why: 'several sub-addresses', loud: false }
  const { seq, n } = reply.asked
  const asked = projection.asked(seq, n)
  const refuse = (why: string, advice: string, examples: readonly string[] = []): Incoming => ({
    is: 'refused',
    id: reply.messageId,
    from: answerTo,
    signer,
    why,
    refused: {
      command: reply.messageId,
      kind: asked?.kinds[0] ?? 'dossier.unknown',
      case: asked?.case ?? 'khong-ro',
      subject: reply.subject,
      advice,
      examples,
      ...(examples.length > 0 ? { replyTo: replyTo({ register, seq, n }) } : {}),
    },
  })
  if (!asked)
    return refuse(`nobody was asked by ${seq}-${n}`, 'Thư được trả lời không hỏi việc gì. Hệ thống không làm gì.')
  if (receivedAt > asked.until)
    return refuse(
      `answered at ${receivedAt}, asked until ${asked.until}`,
      'Thư này hết hạn trả lời. Mở hồ sơ trên bàn làm việc để làm.',
    )
  const acts = asked.kinds.flatMap((kind) => {
    const act = registry.acts.get(kind)
    return act?.reply ? [{ ...act, reply: act.reply }] : []
  })
  const answer = readAnswer(reply.line, acts)
  const act = answer && registry.acts.get(answer.kind)
  if (!answer || !act) {
    const line = reply.line === '' ? 'không có dòng nào' : `là "${reply.line.slice(0, 120)}"`
    return refuse(
      `not a verb: ${reply.line.slice(0, 60)}`,
      `Không hiểu dòng đầu tiên của thư trả lời (${line}). Hệ thống không làm gì.`,
      acts.map((a) => a.reply.example),
    )
  }
  const fresh = documents(reply, act).map((file) => ({ ref: fileRef(file), file }))
  return {
    is: 'asking',
    from: answerTo,
    subject: reply.subject,
    fresh,
    asking: {
      id: reply.messageId,
      receivedAt,
      signer,
      kind: act.kind,
      v: act.v,
      case: asked.case,
      saw: seq,
      data: answer.fields,
      files: fresh.map((f) => f.ref),
      parties: asked.parties,
    },
  }
}

const endings: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
}

/**
 * The attachments that the act asks for. Phones send documents as application/octet-stream: the name tells. A picture, where no
 * picture is asked for, is a logo that comes with every mail of its author, and no document of the case.
 */
function documents(reply: Reply, act: AnyAct): Attachment[] {
  const field = act.fields.find((f) => f.kind === 'files')
  if (!field) return []
  return reply.files
    .map((f) => {
      const byName = endings[/\.([A-Za-z0-9]+)$/.exec(f.name)?.[1]?.toLowerCase() ?? '']
      return f.type === 'application/octet-stream' && byName ? { ...f, type: byName } : f
    })
    .filter((f) => field.accept.includes(f.type) || !f.type.startsWith('image/'))
}

function known(value: string | undefined, pattern: RegExp): string | undefined {
  return value !== undefined && pattern.test(value) ? value : undefined
}

/** Addresses of a field that anybody may have written: one that cannot be read names nobody. */
function readable(value: string): Address[] {
  try {
    return readAddresses(value).map((a) => sameForm(a.address))
  } catch (err) {
    if (err instanceof RangeError) return []
    throw err
  }
}
