import { createHash } from 'node:crypto'
import type { Event, FileRef } from '#kit/act/act.ts'
import type { MailAddress } from '#kit/mail/addresses.ts'
import { readAddresses } from '#kit/mail/addresses.ts'
import type { CommandData, Notice } from '#kit/message/contract.ts'
import { DATA_TYPE, MAX_FILE_OCTETS, MAX_FILES, ourFields, sealedFields } from '#kit/message/contract.ts'
import { readData } from '#kit/message/data.ts'
import type { Field } from '#kit/message/header.ts'
import { broken, decoded, peekHeader, readHeader, single, utf8 } from '#kit/message/header.ts'
import { caseName, kindName } from '#kit/message/json.ts'
import type { MimeNode } from '#kit/message/mime.ts'
import { fileName, readMime } from '#kit/message/mime.ts'

export type Head = {
  /** without angle brackets */
  messageId: string
  from: MailAddress
  sender?: MailAddress
  to: readonly MailAddress[]
  cc: readonly MailAddress[]
  replyTo?: string
  subject: string
  inReplyTo?: string
  references: readonly string[]
  kind: string
  case: string
  /** "no" when the field is absent */
  autoSubmitted: string
}
export type ReadFile = { ref: FileRef; content: Buffer }

/** A message as read. `data` is the data part's text: what the hash chain is over. */
export type Message = { head: Head; text: string; data: string; files: readonly ReadFile[] } & (
  | { is: 'command'; command: Omit<CommandData, 'is'> }
  | { is: 'event'; event: Event }
  | { is: 'notice'; notice: Notice }
)

export type Known = {
  /** current version of a kind, undefined when there is no such act; commands of this version and the one before are read */
  versions?: (kind: string) => number | undefined
}

/**
 * Reads octets as a structured message. Pure: the seal is for `seal.ts`, and the caller checks it first.
 *
 * @returns undefined for ordinary mail: a message without any CongSo-* field
 * @throws Refusal 422 for a message that means to be ours and is not written as design §5 says; `why` names the point
 */
export function readMessage(raw: Uint8Array, known: Known = {}): Message | undefined {
  if (!peekHeader(raw).some((f) => /^congso-/i.test(f.name))) return undefined
  const head = readHead(readHeader(raw).fields)
  const root = readMime(raw)
  if (root.type !== 'multipart/mixed') throw broken(`content type is ${root.type}, not multipart/mixed`)
  const [people, data, ...files] = root.children
  if (!people || !data || data.type !== DATA_TYPE)
    throw broken(`second part is ${data?.type ?? 'missing'}, not ${DATA_TYPE}`)
  const texts = readTexts(people)
  const read = readData(data.content)
  const given = files.map(readFile)
  compareFiles(read, given)
  if (head.kind !== read.kind) throw broken(`CongSo-Kind is ${head.kind}, the data part says ${read.kind}`)
  if (head.case !== read.case) throw broken(`CongSo-Case is ${head.case}, the data part says ${read.case}`)
  const rest = { head, text: texts, data: utf8(data.content), files: given }
  if (read.is === 'command') {
    checkVersion(read.kind, read.v, known)
    const { is, ...command } = read
    return { is, command, ...rest }
  }
  if (read.is === 'event') {
    const { is, ...event } = read
    return { is, event, ...rest }
  }
  const { is, ...notice } = read
  return { is, notice, ...rest }
}

/** @throws Refusal 422 when a field that decides something is there twice, unknown, or of another form */
export function readHead(fields: readonly Field[]): Head {
  for (const name of sealedFields) single(fields, name)
  for (const f of fields)
    if (/^congso-/i.test(f.name) && !ourFields.some((name) => name.toLowerCase() === f.name.toLowerCase()))
      throw broken(`unknown field ${f.name}`)
  const kind = single(fields, 'CongSo-Kind')
  const caseId = single(fields, 'CongSo-Case')
  if (!kindName(kind)) throw broken('CongSo-Kind is missing or not a kind')
  if (!caseName(caseId)) throw broken('CongSo-Case is missing or not a case')
  const sender = one(fields, 'Sender')
  const from = one(fields, 'From')
  if (!from) throw broken('From is missing')
  const messageId = identifiers(single(fields, 'Message-ID') ?? '')
  if (messageId.length !== 1) throw broken('Message-ID is missing or not one')
  const inReplyTo = identifiers(single(fields, 'In-Reply-To') ?? '')[0]
  const replyTo = one(fields, 'Reply-To')
  return {
    messageId: messageId[0]!,
    from,
    ...(sender ? { sender } : {}),
    to: readAddresses(single(fields, 'To') ?? ''),
    cc: readAddresses(single(fields, 'Cc') ?? ''),
    ...(replyTo ? { replyTo: replyTo.address } : {}),
    subject: decoded(single(fields, 'Subject') ?? ''),
    ...(inReplyTo ? { inReplyTo } : {}),
    references: identifiers(single(fields, 'References') ?? ''),
    kind: kind!,
    case: caseId!,
    autoSubmitted: (single(fields, 'Auto-Submitted') ?? 'no').toLowerCase(),
  }
}

/** The field's one address. @throws Refusal 422 when it names several or none */
function one(fields: readonly Field[], name: string): MailAddress | undefined {
  const value = single(fields, name)
  if (value === undefined) return undefined
  const [first, ...more] = readAddresses(value)
  if (!first?.address || more.length > 0) throw broken(`${name} must hold exactly one address`)
  return { name: decoded(first.name ?? ''), address: first.address }
}

function identifiers(value: string): string[] {
  return [...value.matchAll(/<([^<>\s]+)>/g)].map((m) => m[1]!)
}

function readTexts(people: MimeNode): string {
  const [plain, html, ...more] = people.children
  if (
    people.type !== 'multipart/alternative' ||
    plain?.type !== 'text/plain' ||
    html?.type !== 'text/html' ||
    more.length > 0
  )
    throw broken('first part is not multipart/alternative with text/plain and text/html')
  for (const part of [plain, html])
    if ((part.params['charset'] ?? 'us-ascii').toLowerCase() !== 'utf-8')
      throw broken(`text in charset ${part.params['charset']}`)
  return utf8(plain.content)
}

function readFile(part: MimeNode, i: number): ReadFile {
  const where = `part ${i + 3}`
  if (part.type === DATA_TYPE) throw broken(`${where} is a second data part`)
  if (part.children.length > 0 || part.type.startsWith('multipart/')) throw broken(`${where} is a multipart`)
  if (part.disposition?.value !== 'attachment') throw broken(`${where} is not an attachment`)
  if (part.content.byteLength > MAX_FILE_OCTETS) throw broken(`${where} has ${part.content.byteLength} octets`)
  const ref = {
    name: fileName(part),
    type: part.type,
    size: part.content.byteLength,
    sha256: createHash('sha256').update(part.content).digest('hex'),
  }
  return { ref, content: part.content }
}

/**
 * The data part names every attachment, in their order, by its octets: a changed or hidden file is seen here. An event
 * may name files that it does not carry; they are in the command that it follows from.
 */
function compareFiles(read: { is: string; files: readonly FileRef[] }, given: readonly ReadFile[]): void {
  if (given.length > MAX_FILES) throw broken(`${given.length} files, at most ${MAX_FILES} are taken`)
  const left = [...read.files]
  for (const [i, { ref }] of given.entries()) {
    if (read.is === 'event') while (left[0] && left[0].sha256 !== ref.sha256) left.shift()
    const named = left.shift()
    if (!named) throw broken(`file ${i + 1} is not named by the data part`)
    for (const key of ['sha256', 'size', 'type', 'name'] as const)
      if (named[key] !== ref[key]) throw broken(`file ${i + 1} differs in ${key} from what the data part says`)
  }
  if (left.length > 0 && read.is !== 'event')
    throw broken(`data part names ${left.length} files that the message does not have`)
}

function checkVersion(kind: string, v: number, { versions }: Known): void {
  if (!versions) return
  const current = versions(kind)
  if (current === undefined) throw broken(`there is no act "${kind}"`)
  if (v !== current && v !== current - 1)
    throw broken(`version ${v} of ${kind}; ${current} and ${current - 1} are read`)
}
