/**
 * The store's port. IMAP, submission, LMTP, outbound and the control API see nothing else of the store;
 * a second engine is a second implementation of `Store`, and must pass `test/mailserver/store/contract.ts`.
 *
 * Two halves. `StoreReader` is synchronous, cheap, and exists once in each thread (a read-only
 * connection; every call is one short transaction). `write` sends a job to the cell's one writer thread and
 * resolves after its commit is durable; jobs queued meanwhile share the next commit (natural group commit).
 * Listeners hear of changes after the commit, in UID order, in every thread.
 *
 * Bytes are kept exactly as they arrived. What differs per recipient (Return-Path, Delivered-To, verdicts) is
 * `prefix`; a message's octets are prefix + content, and sizes and offsets that readers see count both.
 *
 * Never happens here: an acknowledged job that a power cut undoes; a change in a mailbox of type `ledger` or
 * `handled` by anything but `ledgerCommit`; a UID used twice.
 */
import type { MimePart } from '#mailserver/mime/part.ts'
import type { DsnRequest, JobName, Jobs } from './jobs.ts'

export * from './jobs.ts'

export type AccountId = number
export type MailboxId = number
/** ledger and handled are append-only by type; dead accepts only ledgerDeadLetter and MOVE out to INBOX;
 *  registerInbox takes deliveries only (and MOVE in from dead, which keeps INTERNALDATE). */
export type MailboxType = 'normal' | 'registerInbox' | 'ledger' | 'handled' | 'dead'
export const specialUses = ['\\Drafts', '\\Sent', '\\Junk', '\\Trash', '\\Archive'] as const
export type SpecialUse = (typeof specialUses)[number]

export type Mailbox = {
  id: MailboxId
  account: AccountId
  /** Unicode (NFC), levels separated by "/"; "INBOX" is always spelled so */
  path: string
  type: MailboxType
  specialUse?: SpecialUse
  subscribed: boolean
  uidValidity: number
  uidNext: number
  messages: number
  unseen: number
  /** octets */
  size: number
  highestModseq: number
}

/** Who may do what in a mailbox beside its owner (RFC 4314). The store keeps it and reads nothing out of it. */
export type AclEntry = {
  mailbox: MailboxId
  /** folded address of a person, an office or a group, or "anyone" */
  identifier: string
  /** takes these rights away, whoever gives them */
  negative: boolean
  /** letters of RFC 4314 §2.1, each once */
  rights: string
  /** milliseconds since 1970: holds from, and until before */
  from?: number
  to?: number
  /** address of the person who granted it, and when */
  by: string
  at: number
}
/** What was granted, changed and withdrawn; `rights` is "" when it was withdrawn. Never rewritten. */
export type AclRecord = AclEntry & { path: string }

/** A message as lists see it. System flags are "\Seen" "\Answered" "\Flagged" "\Deleted" "\Draft"; the rest are keywords. */
export type MessageRow = {
  uid: number
  modseq: number
  flags: readonly string[]
  /** milliseconds since 1970 */
  internalDate: number
  /** when it came into this mailbox (RFC 8514), milliseconds since 1970; undefined: before this was kept */
  savedAt?: number
  /** RFC822.SIZE: prefix and content */
  size: number
  /** identifies the octets inside `StoreReader` calls */
  message: number
  /** stable over COPY and MOVE of the same delivery (RFC 8474 EMAILID) */
  content: number
  texts?: MessageTexts
}

/** What one message is sorted by; `kit/vi/collate.ts` says how texts compare. Only the columns asked for have their value. */
export const sortColumns = ['subject', 'from', 'to', 'cc', 'fromName', 'toName', 'sent', 'arrived', 'size'] as const
export type SortColumn = (typeof sortColumns)[number]
export type SortRow = { uid: number } & { [K in SortColumn]?: string | number }

/** What RFC 5256 threads a message by. Keys stand for Message-IDs, each a string of `threadKeyLength` characters. */
export type ThreadRow = {
  uid: number
  /** collation key of the base subject */
  subject: string
  reply: boolean
  /** milliseconds since 1970: the Date field, or INTERNALDATE where it cannot be read */
  sent: number
  /** "" when it has no Message-ID */
  messageKey: string
  /** the keys of its references one after the other, the oldest first */
  referenceKeys: string
}
export const threadKeyLength = 8

/** Where a deleted message lay, as that was called, and who deleted it when (milliseconds since 1970). */
export type DeletedFrom = { uid: number; path: string; by: string; at: number }

/** What changes of a message while it lies there. */
export type FlagRow = Pick<MessageRow, 'uid' | 'modseq' | 'flags'>

/** The same of many messages, ascending by UID, place by place. */
export type FlagColumns = {
  uids: Uint32Array
  modseqs: Float64Array
  /** bits as in `Change` */
  system: Uint8Array
  /** ' one two ' of those UIDs that have any */
  keywords: ReadonlyMap<number, string>
}

/** What IMAP sends for a message, computed at delivery: IMAP syntax, ready to be written. */
export type MessageTexts = {
  /** RFC 9051 §7.5.2 ENVELOPE, parenthesised */
  envelope: string
  bodyStructure: string
  /** BODY: the form without extension data */
  body: string
}

/** A search, already parsed; strings are compared as RFC 9051 §6.4.4 says, and folded (no marks = any marks). */
export type SearchKey =
  | { key: 'all' }
  | { key: 'and' | 'or'; of: readonly SearchKey[] }
  | { key: 'not'; of: SearchKey }
  | { key: 'uid'; ranges: readonly [from: number, to: number][] }
  | { key: 'flag'; flag: string }
  | { key: 'larger' | 'smaller'; octets: number }
  | { key: 'modseq'; since: number }
  /** internal: INTERNALDATE; saved: when it came into this mailbox; sent: the Date field; all [from, to) in milliseconds */
  | { key: 'internal' | 'saved' | 'sent'; from?: number; to?: number }
  /** `content` and `thread` of a row, as RFC 8474 names them */
  | { key: 'content' | 'thread'; id: number }
  | { key: 'header'; name: string; value: string }
  | { key: 'body' | 'text'; value: string }
  /** carries a file whose name holds the value; "": carries a file. Known some seconds after the delivery. */
  | { key: 'file'; value: string }

/** Whose entries (RFC 5464): of a mailbox or of the server (0), shared (0) or private to one account. */
export type MetadataOf = { mailbox: MailboxId | 0; holder: AccountId | 0 }

export type FoundMessage = { message: number; mailbox: MailboxId; uid: number; internalDate: number }
/** `excerpt` has what was found in the middle, and some words around it; a file's name is shown whole. */
export type Passage = {
  where: 'subject' | 'header' | 'text' | 'file' | 'file-name'
  file?: string
  excerpt?: { before: string; found: string; after: string }
}

/** The message has left its mailbox since its row was read (RFC 2180 §4.1): whoever streams it ends with an error. */
export class MessageGone extends Error {
  override name = 'MessageGone'
}

/** Octets of a message, at most 128 KB at a time; `next(true)` says that the last piece is needed no more and may be written over. */
export type Pieces = Generator<Uint8Array, void, boolean | undefined>

/** `texts`, `structure`, `octets` and `queueOctets` throw MessageGone; `octets` may throw it half-way. */
export interface StoreReader {
  mailboxes(account: AccountId): Mailbox[]
  mailbox(account: AccountId, path: string): Mailbox | undefined
  mailboxById(id: MailboxId): Mailbox | undefined
  /** entries of a mailbox, whatever their dates, by identifier */
  acl(mailbox: MailboxId): readonly AclEntry[]
  /** entries of any mailbox that name one of these, negative ones first; by index, at most `maxAclNaming` */
  aclNaming(identifiers: readonly string[]): { entry: AclEntry; mailbox: Mailbox }[]
  /** the latest first */
  aclHistory(account: AccountId, limit: number): AclRecord[]
  /** ascending */
  uids(mailbox: MailboxId): Uint32Array
  /**
   * All messages at one moment, ascending, and the size of each when every line of it, the last included, ends with CRLF: what
   * protocols that send lines will send (RFC 1939 §11). MessageRow.size counts the octets as they are kept.
   */
  lineSizes(mailbox: MailboxId): { uids: Uint32Array; sizes: Float64Array }
  /** ascending by uid, at most `limit`; `ranges` are inclusive; `texts`: with what IMAP sends for each */
  rows(
    mailbox: MailboxId,
    q: { ranges: readonly [from: number, to: number][]; changedSince?: number; limit: number; texts?: boolean },
  ): MessageRow[]
  /** `highestModseq` of a mailbox alone, at no cost until something is written; undefined: it is gone */
  highestModseq(mailbox: MailboxId): number | undefined
  /** one inclusive range, at most `limit`: 0.1 ms for a thousand */
  flagColumns(mailbox: MailboxId, q: { from: number; to: number; limit: number }): FlagColumns
  /** of those whose flags changed, or that came, after `modseq`; undefined when they are more than `limit` */
  flagColumnsSince(mailbox: MailboxId, modseq: number, limit: number): FlagColumns | undefined
  /** the lowest UID without \\Seen */
  firstUnseen(mailbox: MailboxId): number | undefined
  texts(message: number): MessageTexts
  /** offsets count from the first octet of the prefix */
  structure(message: number): MimePart
  octets(message: number, from?: number, to?: number): Pieces
  /** UIDs that left the mailbox after `modseq`, ascending */
  vanished(mailbox: MailboxId, modseq: number): number[]
  /** the same as inclusive ranges, in any order; undefined when they are more than `limit`. The log is never cut */
  vanishedRanges(mailbox: MailboxId, modseq: number, limit: number): [from: number, to: number][] | undefined
  /** of those UIDs that are there, ascending; a thousand at a time keep a transaction short */
  sortRows(mailbox: MailboxId, uids: readonly number[], columns: readonly SortColumn[]): SortRow[]
  threadRows(mailbox: MailboxId, uids: readonly number[]): ThreadRow[]
  /** RFC 8474 THREADID and RFC 8970 PREVIEW of a content; no thread: it is of an earlier version, and its thread is not known yet. @throws MessageGone */
  listing(content: number): { thread?: number; preview: string }
  /** ascending UIDs; yields between slices by being called with `after` and `limit` again */
  search(mailbox: MailboxId, key: SearchKey, q?: { after?: number; limit?: number }): number[]
  /** the same in slices of bounded work, each one short transaction and perhaps empty: let others run between two of them; `looked`: up to which UID that was */
  searchSlices(
    mailbox: MailboxId,
    key: SearchKey,
    q?: { after?: number; looked?: (upTo: number) => void },
  ): Generator<number[]>
  /** ordered by entry; few and small, since `setMetadata` bounds them */
  metadata(of: MetadataOf): { entry: string; value: Uint8Array }[]
  /** One search in many mailboxes, in slices of bounded work as `searchSlices`; `message` is that of `passages`. */
  searchAll(mailboxes: readonly MailboxId[], key: SearchKey): Generator<FoundMessage[]>
  /** Where a message says what was asked: for each value one place, or none when the message has gone. */
  passages(message: number, values: readonly string[]): Passage[]
  /** whether the message holds each value as it was typed: its marks, and no marks where it has none */
  saysExactly(message: number, values: readonly string[]): boolean
  /** contents whose files have not been read for search, newest first; `stale`: their texts were folded by an earlier program */
  filesToRead(limit: number): { content: number; structure: MimePart; stale: boolean }[]
  /** how many contents that is */
  filesBacklog(): number
  /** messages that every search of a text reads, since they wait for the full-text index: some hundred at most, a second or two */
  indexBacklog(): number
  fileKnown(key: string): { length: number } | undefined
  /** octets [from, to) of a content; offsets as in the structure of `filesToRead`. @throws MessageGone */
  contentOctets(content: number, from: number, to: number): Generator<Uint8Array>
  /** header and text as they were decoded at delivery. @throws MessageGone */
  contentTexts(content: number): { header: string; text: string }
  usage(account: AccountId): { octets: number; messages: number }
  /** where an account's deleted messages lie, for `rows`, `search` and the like; no other call knows it. undefined: none was deleted */
  deletedMailbox(account: AccountId): Mailbox | undefined
  /** of those of these UIDs of that mailbox that are there, ascending */
  deleted(mailbox: MailboxId, uids: readonly number[]): DeletedFrom[]
  /** of all accounts, beside `totals` */
  deletedTotals(): { messages: number; octets: number }
  /** accounts whose deleted messages take up more than so many octets */
  deletedBeyond(octets: number): AccountId[]
  /** seq 0 and 64 zeros before the first entry */
  ledgerHead(account: AccountId): { seq: number; hash: string }
  ledgerEntries(
    account: AccountId,
    after: number,
    limit: number,
  ): { seq: number; prev: string; data: string; messageId: string }[]
  ledgerOutcome(account: AccountId, command: string): { outcome: 'done' | 'refused'; seq?: number } | undefined
  /** whether a delivery with this hand-over id has reached the account (`deliver`) */
  handedOver(account: AccountId, handover: string, at: number): boolean
  /** whether `key` of a `Filed` is remembered at that time */
  remembers(account: AccountId, key: string, at: number): boolean
  queue(q: { state?: QueueState; dueBefore?: number; limit: number }): QueuedMail[]
  queueCounts(): Record<QueueState, number>
  queueOctets(id: number): Buffer
  totals(): { messages: number; octets: number }
}

export type QueueState = 'waiting' | 'sending' | 'held' | 'done' | 'failed'
export type QueuedMail = {
  id: number
  from: string
  to: string
  state: QueueState
  /** 7bit, or what the other side must offer */
  smtputf8: boolean
  eightBit: boolean
  messageId: string
  queuedAt: number
  nextAt: number
  attempts: { at: number; host: string; reply: string }[]
  dsn?: DsnRequest
}

/** `mailbox` names the one of which it is told, also when it is gone. */
export type FolderEvent =
  | { event: 'created' | 'deleted' | 'subscription'; mailbox: MailboxId; path: string }
  | { event: 'renamed'; mailbox: MailboxId; path: string; from: string }

/**
 * After a commit. `exists`: new messages from `uid`; `vanished`: expunged. `flags`: these got this modseq, ascending; `system` has
 * the bits of each as they are now (1 \\Seen, 2 \\Answered, 4 \\Flagged, 8 \\Deleted, 16 \\Draft), `keywords` '' or ' one two '
 * of each; absent: they are as they were. Whoever knew the mailbox up to `modseq` − 1 knows it up to `modseq` by that.
 */
export type Change =
  | { account: AccountId; mailbox: MailboxId; kind: 'exists'; uid: number; modseq: number }
  | {
      account: AccountId
      mailbox: MailboxId
      kind: 'flags'
      uids: Uint32Array
      system: Uint8Array
      keywords?: readonly string[]
      modseq: number
    }
  | { account: AccountId; mailbox: MailboxId; kind: 'vanished'; uids: readonly number[]; modseq: number }
  | { account: AccountId; kind: 'folders'; events: readonly FolderEvent[] }
  | { account: AccountId; kind: 'metadata'; of: MetadataOf; entries: readonly string[]; by: string }
  | { kind: 'queue' }

export interface Store extends AsyncDisposable {
  readonly read: StoreReader
  write<N extends JobName>(job: N, input: Jobs[N]['in']): Promise<Jobs[N]['out']>
  /**
   * @param of what the listener hears of, and perhaps of more: changes of these kinds, or changes of accounts that are followed; absent: all
   * @returns the function that ends the subscription
   */
  onChange(listener: (change: Change) => void, of?: readonly Change['kind'][] | 'followed'): () => void
  /** Listeners of this thread to what is followed hear of this account from now on: follow first, then read. @returns the function that ends it */
  follow(account: AccountId): () => void
  /** A recount of everything, through code of its own: counters, UIDs, references, orphans, chains. English sentences. */
  audit(): Promise<string[]>
}
/** In the main thread: starts the writer. A session thread calls `joinStore(port)` with a port made by `invite()`. */
export interface StoreHost extends Store {
  invite(): import('node:worker_threads').MessagePort
}
