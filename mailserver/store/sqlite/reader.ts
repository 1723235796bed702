import type { Statements } from '#kit/store/statements.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import {
  type AclEntry,
  type AclRecord,
  type DeletedFrom,
  type FlagColumns,
  type FoundMessage,
  type Mailbox,
  MessageGone,
  type MessageRow,
  type MessageTexts,
  type MetadataOf,
  maxAclNaming,
  type Passage,
  type Pieces,
  type QueuedMail,
  type QueueState,
  type SearchKey,
  type SortColumn,
  type SortRow,
  type StoreReader,
  type ThreadRow,
} from '../port.ts'
import { type AclRow, aclColumns, asAcl } from './acl.ts'
import { mayHaveChanged } from './changed.ts'
import { type Commits, UntilCommit } from './commits.ts'
import { filesToRead } from './files.ts'
import { flagColumns, flagColumnsSince } from './flagcolumns.ts'
import { flagNames } from './flags.ts'
import { deliveredBefore } from './handovers.ts'
import { listingFor, sortRows, threadRows } from './listed.ts'
import { asMailbox, type MailboxRow, mailboxColumns } from './mailboxes.ts'
import { readContent, readRange } from './octets.ts'
import { prefixOf } from './prefixes.ts'
import { asQueued, type QueueRow, queueColumns } from './queued.ts'
import { remembered } from './remembered.ts'
import { cleanPath } from './rules.ts'
import { messageId, uidOf } from './schema.ts'
import { passagesOf, saysExactly } from './search/passages.ts'
import { newNarrowed, searchSlices } from './search/search.ts'
import { inRanges, mergedRanges } from './search/where.ts'

type Row = readonly [
  id: number,
  modseq: number,
  flags: number,
  keywords: string,
  internalDate: number,
  savedAt: number | null,
  size: number,
  content: number,
]
const rowColumns = 'm.id, m.modseq, m.flags, m.keywords, m.internal_date, m.saved_at, m.size, m.content'
type TextRow = readonly [...Row, envelope: string, bodyStructure: string, body: string]
const textColumns = `${rowColumns}, c.envelope, c.body_structure, c.body`

function asRow([id, modseq, flags, keywords, internalDate, savedAt, size, content]: Row | TextRow): MessageRow {
  const row: MessageRow = {
    uid: uidOf(id),
    modseq,
    flags: flagNames({ flags, keywords }),
    internalDate,
    size,
    message: id,
    content,
  }
  if (savedAt !== null) row.savedAt = savedAt
  return row
}

function asRowWithTexts(row: TextRow): MessageRow {
  const [, , , , , , , , envelope, bodyStructure, body] = row
  const made = asRow(row)
  made.texts = { envelope, bodyStructure, body }
  return made
}

/** Reads on one thread's own read-only connection. Every call is one short transaction; none is left open. */
export class SqliteReader implements StoreReader {
  readonly #sql: Statements
  readonly #dir: string
  readonly #acls: UntilCommit<readonly AclEntry[]>
  readonly #modseqs: UntilCommit<{ modseq: number } | null>

  constructor(sql: Statements, dir: string, commits: Commits) {
    this.#sql = sql
    this.#dir = dir
    this.#acls = new UntilCommit(commits, (mailbox) =>
      sql.all<AclRow>(`select ${aclColumns} from acl where mailbox = ? order by identifier`, mailbox).map(asAcl),
    )
    this.#modseqs = new UntilCommit(
      commits,
      (mailbox) =>
        sql.get<{ modseq: number }>('select modseq from mailbox where id = ? and doomed = 0', mailbox) ?? null,
    )
  }

  mailboxes(account: number): Mailbox[] {
    return this.#sql
      .all<MailboxRow>(`select ${mailboxColumns} from mailbox where account = ? and doomed = 0 order by path`, account)
      .map(asMailbox)
  }

  mailbox(account: number, path: string): Mailbox | undefined {
    let clean: string
    try {
      clean = cleanPath(path)
    } catch (err) {
      if (err instanceof RangeError) return undefined // what is no name names no mailbox
      throw err
    }
    const row = this.#sql.get<MailboxRow>(
      `select ${mailboxColumns} from mailbox where account = ? and path = ? and doomed = 0`,
      account,
      clean,
    )
    return row && asMailbox(row)
  }

  mailboxById(id: number): Mailbox | undefined {
    const row = this.#sql.get<MailboxRow>(`select ${mailboxColumns} from mailbox where id = ? and doomed = 0`, id)
    return row && asMailbox(row)
  }

  acl(mailbox: number): readonly AclEntry[] {
    return this.#acls.get(mailbox)
  }

  aclNaming(identifiers: readonly string[]): { entry: AclEntry; mailbox: Mailbox }[] {
    const rows = this.#sql.all<AclRow>(
      `select ${aclColumns} from acl indexed by acl_identifier
       where identifier in (select value from json_each(?)) order by negative desc, mailbox limit ${maxAclNaming}`,
      JSON.stringify(identifiers),
    )
    return rows.flatMap((row) => {
      const mailbox = this.mailboxById(row.mailbox)
      return mailbox ? [{ entry: asAcl(row), mailbox }] : []
    })
  }

  aclHistory(account: number, limit: number): AclRecord[] {
    const rows = this.#sql.all<AclRow & { path: string }>(
      `select path, ${aclColumns} from acl_record where account = ? order by n desc limit ?`,
      account,
      limit,
    )
    return rows.map((row) => ({ path: row.path, ...asAcl(row) }))
  }

  /** One text of numbers: 7 ms for 100,000 where rows take 42 (findings §3). */
  uids(mailbox: number): Uint32Array {
    const { list } = this.#sql.one<{ list: string | null }>(
      `select group_concat(id & 4294967295) as list from (select id from message where id > ? and id < ? order by id)`,
      messageId(mailbox, 0),
      messageId(mailbox + 1, 0),
    )
    return list === null ? new Uint32Array() : Uint32Array.from(list.split(','), Number)
  }

  lineSizes(mailbox: number): { uids: Uint32Array; sizes: Float64Array } {
    const { uids, sizes } = this.#sql.one<{ uids: string | null; sizes: string | null }>(
      `select group_concat(id & 4294967295) as uids, group_concat(size) as sizes from (
         select m.id, m.size + c.line_extra as size from message m join content c on c.id = m.content
         where m.id > ? and m.id < ? order by m.id)`,
      messageId(mailbox, 0),
      messageId(mailbox + 1, 0),
    )
    if (uids === null || sizes === null) return { uids: new Uint32Array(), sizes: new Float64Array() }
    return { uids: Uint32Array.from(uids.split(','), Number), sizes: Float64Array.from(sizes.split(','), Number) }
  }

  rows(
    mailbox: number,
    q: { ranges: readonly [from: number, to: number][]; changedSince?: number; limit: number; texts?: boolean },
  ): MessageRow[] {
    const ranges = mergedRanges(q.ranges)
    const since = q.changedSince
    const few = since === undefined ? undefined : mayHaveChanged(this.#sql, mailbox, since)
    if (since !== undefined && few) {
      const wanted = few.filter((id) => inRanges(ranges, uidOf(id)))
      const where = 'm.id in (select value from json_each(?)) and m.modseq > ?'
      return this.#read(q.texts, where, JSON.stringify(wanted), since, q.limit)
    }
    const found: MessageRow[][] = []
    let room = q.limit
    for (const [from, to] of ranges) {
      if (room <= 0) break
      const [low, high] = [messageId(mailbox, from), messageId(mailbox, to)]
      const rows =
        since === undefined
          ? this.#read(q.texts, 'm.id between ? and ?', low, high, room)
          : this.#read(q.texts, 'm.id between ? and ? and m.modseq > ?', low, high, since, room)
      found.push(rows)
      room -= rows.length
    }
    return found.length === 1 ? found[0]! : found.flat()
  }

  /** @param where one of a few conditions on `m` @param values its own, then the most rows wanted */
  #read(texts: boolean | undefined, where: string, ...values: (number | string)[]): MessageRow[] {
    const rest = `where ${where} order by m.id limit ?`
    return texts
      ? this.#sql
          .arrays<TextRow>(`select ${textColumns} from message m join content c on c.id = m.content ${rest}`, ...values)
          .map(asRowWithTexts)
      : this.#sql.arrays<Row>(`select ${rowColumns} from message m ${rest}`, ...values).map(asRow)
  }

  highestModseq(mailbox: number): number | undefined {
    return this.#modseqs.get(mailbox)?.modseq
  }

  flagColumns(mailbox: number, q: { from: number; to: number; limit: number }): FlagColumns {
    return flagColumns(this.#sql, mailbox, q)
  }

  flagColumnsSince(mailbox: number, modseq: number, limit: number): FlagColumns | undefined {
    return flagColumnsSince(this.#sql, mailbox, modseq, limit)
  }

  firstUnseen(mailbox: number): number | undefined {
    const row = this.#sql.get<{ id: number }>(
      'select id from message where id > ? and id < ? and flags & 1 = 0 order by id limit 1',
      messageId(mailbox, 0),
      messageId(mailbox + 1, 0),
    )
    return row && uidOf(row.id)
  }

  texts(message: number): MessageTexts {
    const row = this.#sql.get<MessageTexts>(
      `select c.envelope, c.body_structure as bodyStructure, c.body
       from message m join content c on c.id = m.content where m.id = ?`,
      message,
    )
    if (!row) throw new MessageGone(`message ${message}`)
    return { ...row }
  }

  structure(message: number): MimePart {
    const row = this.#sql.get<{ shift: number; structure: string }>(
      `select m.size - c.size as shift, c.structure from message m join content c on c.id = m.content where m.id = ?`,
      message,
    )
    if (!row) throw new MessageGone(`message ${message}`)
    return shifted(JSON.parse(row.structure) as MimePart, row.shift)
  }

  octets(message: number, from = 0, to = Number.MAX_SAFE_INTEGER): Pieces {
    const row = this.#sql.get<{ content: number; prefix: Uint8Array }>(
      `select content, ${prefixOf} as prefix from message m where id = ?`,
      message,
    )
    if (!row) throw new MessageGone(`message ${message}`)
    return readRange(this.#dir, readContent(this.#sql, row.content), row.prefix, from, to)
  }

  vanished(mailbox: number, modseq: number): number[] {
    const runs = this.#sql.all<{ first: number; last: number }>(
      'select first, last from vanished where mailbox = ? and modseq > ?',
      mailbox,
      modseq,
    )
    const uids: number[] = []
    for (const { first, last } of runs) for (let uid = first; uid <= last; uid++) uids.push(uid)
    return uids.sort((a, b) => a - b)
  }

  vanishedRanges(mailbox: number, modseq: number, limit: number): [from: number, to: number][] | undefined {
    const runs = this.#sql.all<{ first: number; last: number }>(
      'select first, last from vanished where mailbox = ? and modseq > ? limit ?',
      mailbox,
      modseq,
      limit + 1,
    )
    return runs.length > limit ? undefined : runs.map(({ first, last }) => [first, last])
  }

  sortRows(mailbox: number, uids: readonly number[], columns: readonly SortColumn[]): SortRow[] {
    return sortRows(this.#sql, this.#dir, mailbox, uids, columns)
  }

  threadRows(mailbox: number, uids: readonly number[]): ThreadRow[] {
    return threadRows(this.#sql, this.#dir, mailbox, uids)
  }

  listing(content: number): { thread?: number; preview: string } {
    return listingFor(this.#sql, this.#dir, content)
  }

  search(mailbox: number, key: SearchKey, { after = 0, limit = Number.MAX_SAFE_INTEGER } = {}): number[] {
    const found: number[] = []
    for (const slice of this.searchSlices(mailbox, key, { after })) {
      for (const uid of slice) found.push(uid)
      if (found.length >= limit) return found.slice(0, limit)
    }
    return found
  }

  searchSlices(
    mailbox: number,
    key: SearchKey,
    { after = 0, looked }: { after?: number; looked?: (upTo: number) => void } = {},
  ): Generator<number[]> {
    return searchSlices(this.#sql, mailbox, key, after, undefined, looked)
  }

  metadata(of: MetadataOf): { entry: string; value: Uint8Array }[] {
    return this.#sql
      .all<{ entry: string; value: Uint8Array }>(
        'select entry, value from metadata where mailbox = ? and holder = ? order by entry',
        of.mailbox,
        of.holder,
      )
      .map((r) => ({ ...r }))
  }

  *searchAll(mailboxes: readonly number[], key: SearchKey): Generator<FoundMessage[]> {
    const narrowed = newNarrowed()
    for (const mailbox of mailboxes)
      for (const uids of searchSlices(this.#sql, mailbox, key, 0, narrowed)) {
        const ids = JSON.stringify(uids.map((uid) => messageId(mailbox, uid)))
        yield this.#sql
          .all<{ id: number; at: number }>(
            'select id, internal_date as at from message where id in (select value from json_each(?))',
            ids,
          )
          .map((r) => ({ message: r.id, mailbox, uid: uidOf(r.id), internalDate: r.at }))
      }
  }

  passages(message: number, values: readonly string[]): Passage[] {
    return passagesOf(this.#sql, message, values)
  }

  saysExactly(message: number, values: readonly string[]): boolean {
    return saysExactly(this.#sql, message, values)
  }

  filesToRead(limit: number): { content: number; structure: MimePart; stale: boolean }[] {
    return filesToRead(this.#sql, limit)
  }

  filesBacklog(): number {
    return this.#sql.one<{ n: number }>('select count(*) as n from unread_files').n
  }

  indexBacklog(): number {
    return this.#sql.one<{ n: number }>('select count(*) as n from unindexed').n
  }

  fileKnown(key: string): { length: number } | undefined {
    const row = this.#sql.get<{ length: number }>(
      'select length(text) as length from file where key = ? and complete = 1',
      key,
    )
    return row && { length: row.length }
  }

  contentOctets(content: number, from: number, to: number): Generator<Uint8Array> {
    return readRange(this.#dir, readContent(this.#sql, content), new Uint8Array(), from, to)
  }

  contentTexts(content: number): { header: string; text: string } {
    const row = this.#sql.get<{ header: string; text: string }>(
      'select header, text from body where content = ?',
      content,
    )
    if (!row) throw new MessageGone(`content ${content}`)
    return { header: row.header, text: row.text }
  }

  usage(account: number): { octets: number; messages: number } {
    const row = this.#sql.get<{ octets: number; messages: number }>(
      'select octets, messages from account where id = ?',
      account,
    )
    return { octets: row?.octets ?? 0, messages: row?.messages ?? 0 }
  }

  deletedMailbox(account: number): Mailbox | undefined {
    const row = this.#sql.get<MailboxRow>(
      `select ${mailboxColumns} from mailbox where account = ? and doomed = 2`,
      account,
    )
    return row && asMailbox(row)
  }

  deleted(mailbox: number, uids: readonly number[]): DeletedFrom[] {
    return this.#sql
      .all<DeletedFrom>(
        `select message & 4294967295 as uid, path, by, at from deleted
         where message in (select value from json_each(?)) order by message`,
        JSON.stringify(uids.map((uid) => messageId(mailbox, uid))),
      )
      .map((r) => ({ ...r }))
  }

  deletedTotals(): { messages: number; octets: number } {
    return {
      ...this.#sql.one<{ messages: number; octets: number }>(
        'select coalesce(sum(messages), 0) as messages, coalesce(sum(octets), 0) as octets from mailbox where doomed = 2',
      ),
    }
  }

  deletedBeyond(octets: number): number[] {
    return this.#sql
      .all<{ account: number }>('select account from mailbox where doomed = 2 and octets > ?', octets)
      .map((r) => r.account)
  }

  /** seq 0 and 64 zeros before the first entry */
  ledgerHead(account: number): { seq: number; hash: string } {
    const row = this.#sql.get<{ seq: number; hash: string }>(
      'select ledger_seq as seq, ledger_hash as hash from account where id = ?',
      account,
    )
    return { seq: row?.seq ?? 0, hash: row?.hash ?? '0'.repeat(64) }
  }

  ledgerEntries(
    account: number,
    after: number,
    limit: number,
  ): { seq: number; prev: string; data: string; messageId: string }[] {
    return this.#sql
      .all<{ seq: number; prev: string; data: string; messageId: string }>(
        'select seq, prev, data, message_id as messageId from ledger where account = ? and seq > ? order by seq limit ?',
        account,
        after,
        limit,
      )
      .map((r) => ({ ...r }))
  }

  ledgerOutcome(account: number, command: string): { outcome: 'done' | 'refused'; seq?: number } | undefined {
    const row = this.#sql.get<{ outcome: 'done' | 'refused'; seq: number | null }>(
      'select outcome, seq from ledger_command where account = ? and command = ?',
      account,
      command,
    )
    return row && { outcome: row.outcome, ...(row.seq === null ? {} : { seq: row.seq }) }
  }

  handedOver(account: number, handover: string, at: number): boolean {
    return deliveredBefore(this.#sql, handover, account, at) !== undefined
  }

  remembers(account: number, key: string, at: number): boolean {
    return remembered(this.#sql, account, key, at)
  }

  queue(q: { state?: QueueState; dueBefore?: number; limit: number }): QueuedMail[] {
    return this.#sql
      .all<QueueRow>(
        `select ${queueColumns} from queue where (?1 is null or state = ?1) and (?2 is null or next_at < ?2) order by next_at, id limit ?3`,
        q.state ?? null,
        q.dueBefore ?? null,
        q.limit,
      )
      .map(asQueued)
  }

  queueCounts(): Record<QueueState, number> {
    const counts: Record<QueueState, number> = { waiting: 0, sending: 0, held: 0, done: 0, failed: 0 }
    for (const r of this.#sql.all<{ state: QueueState; n: number }>(
      'select state, count(*) as n from queue group by state',
    ))
      counts[r.state] = r.n
    return counts
  }

  queueOctets(id: number): Buffer {
    const row = this.#sql.get<{ content: number | null }>('select content from queue where id = ?', id)
    if (!row || row.content === null) throw new MessageGone(`queue row ${id}`)
    return Buffer.concat([
      ...readRange(this.#dir, readContent(this.#sql, row.content), new Uint8Array(), 0, Number.MAX_SAFE_INTEGER),
    ])
  }

  totals(): { messages: number; octets: number } {
    return {
      ...this.#sql.one<{ messages: number; octets: number }>(
        'select coalesce(sum(messages), 0) as messages, coalesce(sum(octets), 0) as octets from account',
      ),
    }
  }
}

const shifted = (part: MimePart, by: number): MimePart =>
  by === 0
    ? part
    : {
        ...part,
        headerStart: part.headerStart + (part.number === '' ? 0 : by),
        headerEnd: part.headerEnd + by,
        bodyStart: part.bodyStart + by,
        bodyEnd: part.bodyEnd + by,
        children: part.children.map((c) => shifted(c, by)),
      }
