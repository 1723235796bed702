import type { Event, FileRef } from '#kit/act/act.ts'
import type { CommandData, EventData, Notice, NoticeData } from '#kit/message/contract.ts'
import { MAX_COMMAND_DATA, MAX_FILE_OCTETS, MAX_FILES, MAX_NAME_OCTETS, MAX_OUR_DATA } from '#kit/message/contract.ts'
import { broken } from '#kit/message/header.ts'
import { caseName, instant, kindName, optional, readJson, sha256, shaped, text, whole } from '#kit/message/json.ts'

/** Longest address by RFC 5321 §4.5.3.1.3, with room for UTF-8. */
const address = text(320)
const anything = (v: unknown): boolean => v !== undefined
const list = (v: unknown): boolean => Array.isArray(v)

/** The data part's octets, members in a fixed order: the hash chain is over them. */
export function commandText(c: Omit<CommandData, 'is'>): string {
  return JSON.stringify({
    is: 'command',
    kind: c.kind,
    v: c.v,
    case: c.case,
    saw: c.saw,
    data: c.data,
    files: c.files.map(fileFields),
  })
}

export function eventText(e: Event): string {
  return JSON.stringify({
    is: 'event',
    ledger: e.ledger,
    seq: e.seq,
    prev: e.prev,
    at: e.at,
    command: e.command,
    kind: e.kind,
    v: e.v,
    case: e.case,
    actor: e.actor,
    receivedAt: e.receivedAt,
    data: e.data,
    files: e.files.map(fileFields),
  })
}

export function noticeText(n: Notice): string {
  return JSON.stringify({
    is: 'notice',
    ledger: n.ledger,
    seq: n.seq,
    at: n.at,
    kind: n.kind,
    v: n.v,
    case: n.case,
    data: n.data,
    asks: n.asks,
    files: n.files.map(fileFields),
  })
}

/**
 * Reads a data part: which of the three it is, and its members, none unknown. What `data` itself holds is for
 * the act to check (its `fields` or `read`).
 * @throws Refusal 422 with the member that is wrong in `why`
 */
export function readData(octets: Uint8Array): CommandData | EventData | NoticeData {
  const value = readJson(octets, { max: MAX_OUR_DATA })
  const is = (value as { is?: unknown } | null)?.is
  if (is === 'command') {
    if (octets.byteLength > MAX_COMMAND_DATA)
      throw broken(`command of ${octets.byteLength} octets, at most ${MAX_COMMAND_DATA} are read`)
    const c = shaped<CommandData>(value, 'command', {
      is: anything,
      kind: kindName,
      v: whole,
      case: caseName,
      saw: whole,
      data: anything,
      files: list,
    })
    checkFiles(c.files)
    return c
  }
  if (is === 'event') {
    const e = shaped<EventData>(value, 'event', {
      is: anything,
      ledger: address,
      seq: whole,
      prev: sha256,
      at: instant,
      command: text(998),
      kind: kindName,
      v: whole,
      case: caseName,
      actor: anything,
      receivedAt: instant,
      data: anything,
      files: list,
    })
    shaped(e.actor, 'event.actor', {
      person: address,
      office: optional(address),
      grant: optional(text(200)),
      name: text(300),
      officeName: optional(text(300)),
    })
    checkFiles(e.files)
    return e
  }
  if (is === 'notice') {
    const n = shaped<NoticeData>(value, 'notice', {
      is: anything,
      ledger: address,
      seq: whole,
      at: instant,
      kind: kindName,
      v: whole,
      case: caseName,
      data: anything,
      asks: (v) => Array.isArray(v) && v.length <= 50 && v.every(kindName),
      files: list,
    })
    checkFiles(n.files)
    return n
  }
  throw broken('data part is neither command, event nor notice')
}

/** An event from the text that the ledger keeps (`ledger.read`). @throws Refusal 422 */
export function readEvent(data: string): Event {
  const e = readData(Buffer.from(data, 'utf8'))
  if (e.is !== 'event') throw broken(`a ${e.is} in place of an event`)
  const { is: _, ...event } = e
  return event
}

function checkFiles(files: FileRef[]): void {
  if (files.length > MAX_FILES) throw broken(`${files.length} files, at most ${MAX_FILES} are taken`)
  for (const [i, f] of files.entries())
    shaped(f, `files[${i}]`, {
      name: isSafeName,
      type: text(200),
      size: (v) => whole(v) && (v as number) <= MAX_FILE_OCTETS,
      sha256,
    })
}

/** A name for people and file systems: no path, no control or direction-changing characters ("gpj.exe" shown as "exe.jpg"). */
function isSafeName(v: unknown): boolean {
  return (
    typeof v === 'string' &&
    v !== '' &&
    Buffer.byteLength(v) <= MAX_NAME_OCTETS &&
    !/[\p{Cc}\u202a-\u202e\u2066-\u2069/\\]/u.test(v) &&
    v !== '.' &&
    v !== '..'
  )
}

function fileFields(f: FileRef): FileRef {
  return { name: f.name, type: f.type, size: f.size, sha256: f.sha256 }
}
