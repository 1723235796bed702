/**
 * The structured message (design §5), as writer, reader, signer and verifier share it:
 *
 *   From, Sender, To, Subject, Message-ID …   who acts, for which register, in which thread
 *   CongSo-Kind, CongSo-Case                  what it is and which case it belongs to
 *   DKIM-Signature                            the seal, over `sealedFields` and every CongSo-* field
 *   multipart/mixed
 *   ├ multipart/alternative                   text/plain + text/html, for people
 *   ├ application/vnd.congso+json             for workers, always the second part
 *   └ attachments
 *
 * What must never happen: a worker acting on a field that the seal does not cover, or on a part that a person reading
 * the same message in a mail program does not see.
 */
import type { Event, FileRef } from '#kit/act/act.ts'
import type { Address, Instant } from '#kit/directory/calls.ts'

export const DATA_TYPE = 'application/vnd.congso+json'
/** The name under which a mail program shows the data part; the text tells its reader what it is. */
export const DATA_NAME = 'congso.json'

/** Every one of these that a message has must be signed, and may be there once. CongSo-* fields come on top. */
export const sealedFields = [
  'From',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Date',
  'Subject',
  'Message-ID',
  'In-Reply-To',
  'References',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'Auto-Submitted',
  'List-Id',
  'Precedence',
] as const

/** All fields of ours there are; another CongSo-* field is refused, not ignored. */
export const ourFields = ['CongSo-Kind', 'CongSo-Case'] as const

/** For the signer: mailauth takes the list of fields as a colon string, beside `signatureData`; it ignores an array, and a list inside it. */
export const sealedHeaderList = [...sealedFields, ...ourFields].join(':')

/**
 * A form is a few kilobytes; files travel as their own parts. Measured before JSON.parse, because parsing a
 * hostile document of 25 MB would stall every other case of the worker.
 */
export const MAX_COMMAND_DATA = 64 * 1024
/** Ours: what the command said, and what was decided; a citizen's timeline of some hundred steps. */
export const MAX_OUR_DATA = 256 * 1024
/** Forms have fields, lists of rows and their cells: four levels; twice that is room enough. */
export const MAX_JSON_DEPTH = 12
/** An application has at most some thirty documents; a register's worklist cannot show more. */
export const MAX_FILES = 60
/** The largest message of the suite is 200 MB (settings); one file is less than half of it. */
export const MAX_FILE_OCTETS = 80 * 1024 * 1024
/** Fields of our own writing take 4 KB; references of a long thread and 300 addresses in Cc come to 30 KB. */
export const MAX_HEADER_OCTETS = 128 * 1024
/** Names in file systems hold 255 octets. */
export const MAX_NAME_OCTETS = 255

/** The data part of a command; the rest of `Command` comes from the envelope, never from here. */
export type CommandData = {
  is: 'command'
  kind: string
  v: number
  case: string
  saw: number
  data: unknown
  files: FileRef[]
}
export type EventData = { is: 'event' } & Event
/** What a letter is about: for programs of its reader (the portal) and for cards in webmail. */
export type Notice = {
  ledger: Address
  /** of the event that it tells about; 0 when there is none (a refusal) */
  seq: number
  at: Instant
  kind: string
  v: number
  case: string
  /** the public part of the case for the portal; otherwise what a card shows */
  data: unknown
  /** kinds of acts that its reader may answer with */
  asks: string[]
  files: FileRef[]
}
export type NoticeData = { is: 'notice' } & Notice
