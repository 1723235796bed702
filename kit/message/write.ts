import { createHash } from 'node:crypto'
import type { Event, FileRef } from '#kit/act/act.ts'
import type { MailAddress } from '#kit/mail/addresses.ts'
import { compose } from '#kit/mail/compose.ts'
import type { CommandData, Notice } from '#kit/message/contract.ts'
import { DATA_NAME, DATA_TYPE, MAX_COMMAND_DATA, MAX_OUR_DATA } from '#kit/message/contract.ts'
import { commandText, eventText, noticeText } from '#kit/message/data.ts'
import { Refusal } from '#kit/refusal.ts'

export type Attachment = { name: string; type: string; content: Uint8Array }
/** Both for people; `markup.ts` makes them from a letter. */
export type Bodies = { text: string; html: string }

export type Envelope = {
  from: MailAddress
  /** the person, when From is an office */
  sender?: MailAddress
  to: readonly MailAddress[]
  cc?: readonly MailAddress[]
  /** a register's sub-address, when the message may be answered (`replyto.ts`) */
  replyTo?: string
  subject: string
  /** without angle brackets */
  messageId: string
  inReplyTo?: string
  references?: readonly string[]
  date: Date
}

/** @returns what stands for a file in the data part; its name is made safe, and `content` goes as attachment */
export function fileRef(file: Attachment): FileRef {
  return {
    name: safeName(file.name),
    type: safeType(file.type),
    size: file.content.byteLength,
    sha256: createHash('sha256').update(file.content).digest('hex'),
  }
}

/**
 * A command, ready for submission: what a person or the portal asks of the register in To. Not automatic: a person
 * pressed a button. The case is `data.case`; `files` are the attachments, in order.
 * @throws Refusal 413 when the form is larger than a command may be
 */
export async function writeCommand(
  envelope: Envelope,
  bodies: Bodies,
  command: Omit<CommandData, 'is' | 'files'>,
  files: readonly Attachment[] = [],
): Promise<Buffer> {
  const data = commandText({ ...command, files: files.map(fileRef) })
  if (Buffer.byteLength(data) > MAX_COMMAND_DATA)
    throw new Refusal(
      413,
      'Nội dung biểu mẫu quá dài. Rút gọn, hoặc gửi phần dài thành tệp đính kèm.',
      `command of ${Buffer.byteLength(data)} octets`,
    )
  return write({ envelope, bodies, kind: command.kind, case: command.case, auto: 'no', data, files })
}

/** A command that a timer of ours sends. */
export function writeTimerCommand(
  envelope: Envelope,
  bodies: Bodies,
  command: Omit<CommandData, 'is' | 'files'>,
): Promise<Buffer> {
  const data = commandText({ ...command, files: [] })
  return write({ envelope, bodies, kind: command.kind, case: command.case, auto: 'auto-generated', data, files: [] })
}

/**
 * An event as the ledger keeps it. `event.files` name the attachments; pass the contents in the same order.
 * @returns the octets, and the data part's text that the hash chain is over
 */
export async function writeEvent(
  envelope: Envelope,
  bodies: Bodies,
  event: Event,
  files: readonly Attachment[] = [],
): Promise<{ raw: Buffer; data: string }> {
  const data = eventText(event)
  return {
    raw: await write({ envelope, bodies, kind: event.kind, case: event.case, auto: 'auto-generated', data, files }),
    data,
  }
}

/** A letter to a reader. `reply`: it answers a message (a refusal), else it is sent of our own accord (RFC 3834 §5). */
export function writeNotice(
  envelope: Envelope,
  bodies: Bodies,
  notice: Omit<Notice, 'files'>,
  files: readonly Attachment[] = [],
  { reply = false } = {},
): Promise<Buffer> {
  const data = noticeText({ ...notice, files: files.map(fileRef) })
  return write({
    envelope,
    bodies,
    kind: notice.kind,
    case: notice.case,
    auto: reply ? 'auto-replied' : 'auto-generated',
    data,
    files,
  })
}

function write(m: {
  envelope: Envelope
  bodies: Bodies
  kind: string
  case: string
  auto: 'no' | 'auto-generated' | 'auto-replied'
  data: string
  files: readonly Attachment[]
}): Promise<Buffer> {
  if (Buffer.byteLength(m.data) > MAX_OUR_DATA)
    throw new Error(`data part of ${Buffer.byteLength(m.data)} octets for ${m.kind}`)
  const { replyTo, ...envelope } = m.envelope
  return compose({
    ...envelope,
    ...(replyTo === undefined ? {} : { replyTo: [{ address: replyTo }] }),
    headers: [
      { name: 'CongSo-Kind', value: m.kind },
      { name: 'CongSo-Case', value: m.case },
      { name: 'Auto-Submitted', value: m.auto },
    ],
    ...m.bodies,
    files: [
      { name: DATA_NAME, type: DATA_TYPE, content: Buffer.from(m.data, 'utf8') },
      ...m.files.map((f) => ({ name: safeName(f.name), type: safeType(f.type), content: f.content })),
    ],
  })
}

/** Names as browsers and Windows give them, made safe for every file system; the ending is kept when the name is cut. */
export function safeName(name: string): string {
  const clean = name
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '')
    .replaceAll(/[/\\]/g, '_')
    .replaceAll('=?', '_') // would be read as the beginning of an encoded word (RFC 2047 §2)
    .trim()
  if (clean === '' || clean === '.' || clean === '..') return 'tep-dinh-kem'
  const dot = clean.lastIndexOf('.')
  const ending = dot > 0 && clean.length - dot <= 10 ? clean.slice(dot) : ''
  let stem = ending === '' ? clean : clean.slice(0, dot)
  while (Buffer.byteLength(stem + ending) > 200) stem = Array.from(stem).slice(0, -1).join('')
  return stem + ending
}

/** A leaf's type without parameters; what would be read as a structure of its own travels as plain octets. */
function safeType(type: string): string {
  const bare = type.split(';')[0]!.trim().toLowerCase()
  const leaf =
    /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(bare) && !/^(message|multipart)\//.test(bare)
  return leaf && bare !== DATA_TYPE ? bare : 'application/octet-stream'
}
