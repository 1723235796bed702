import type { DatabaseSync } from 'node:sqlite'
import type { ArrivalLine, OutgoingLine } from '#kit/act/family.ts'
import type { Address, Instant } from '#kit/directory/calls.ts'
import { openDatabase } from '#kit/store/open.ts'
import { fold } from '#kit/vi/fold.ts'
import { inodeOf, linkOf } from './files.ts'
import { NO_DUE } from './schema.ts'

/** A case in somebody's worklist: all that they may do with it in one row. */
export type WorkRow = {
  case: string
  family: string
  code?: string
  title: string
  from: string
  outer: number
  stateName: string
  openedAt: Instant
  startedAt?: Instant
  /** of the step */
  due?: Instant
  /** of the whole case: hẹn trả */
  caseDue?: Instant
  /** kinds of acts; those of `party` only */
  acts: string[]
  party: Address
}
export type CaseRow = Omit<WorkRow, 'acts' | 'party' | 'caseDue'> & { seq: number; changed: number; doneAt?: Instant }
export type ArrivalRow = ArrivalLine & { case: string }
export type OutgoingRow = OutgoingLine & { case: string }
/** `next`: pass it as `after` for the following page; absent on the last. */
export type Page<T> = { rows: T[]; total: number; next?: string }
export type CaseFileRow = {
  sha256: string
  name: string
  type: string
  size: number
  seq: number
  part: number
  messageId: string
  at: Instant
}
export type EntryRow = { seq: number; messageId: string; command: string; kind: string; at: Instant }
export type ArrivalView = 'all' | 'today' | 'unforwarded' | 'late' | 'open'

// design §7: a list of more than 50 pages is searched, not leafed through; a page shows at most 100 rows.
const MAX_PAGE = 200

/**
 * Reads a register's projection for pages. It never writes and never waits for a writer. While there is no projection yet,
 * everything is empty. After a rebuild it opens the new file by itself.
 */
export class ProjectionReader implements Disposable {
  readonly #link: string
  #open: { db: DatabaseSync; inode: number } | undefined

  constructor(folder: string, register: Address) {
    this.#link = linkOf(folder, register)
  }

  /** Changes when anything another process wrote became visible: compare with the last one seen. */
  dataVersion(): string {
    const db = this.#db()
    return db ? `${this.#open?.inode}.${db.prepare('pragma data_version').get()?.['data_version']}` : 'none'
  }

  head(): { seq: number; hash: string } | undefined {
    const [row] = this.#all('select seq, hash from head')
    return row && { seq: Number(row['seq']), hash: String(row['hash']) }
  }

  /** What these parties have to do, nearest deadline first. */
  worklist(given: { parties: readonly Address[]; after?: string; limit?: number; outer?: number }): Page<WorkRow> {
    const parties = JSON.stringify(given.parties)
    const outer = given.outer ?? null
    const [afterDue, afterCase] = split(given.after)
    const from = `from work w join cases c on c.id = w.case_id where w.party in (select value from json_each(?1)) and (?2 is null or c.outer = ?2)`
    const rows = this.#all(
      `select c.*, min(w.due) as work_due, json_group_array(w.act order by w.act) as acts, min(w.party) as party ${from}
       group by c.id having ?3 is null or (min(w.due), c.id) > (?3, ?4) order by min(w.due), c.id limit ?5`,
      parties,
      outer,
      afterDue ?? null,
      afterCase ?? null,
      pageSize(given.limit) + 1,
    )
    const total = this.#count(`select count(distinct w.case_id) as n ${from}`, parties, outer)
    return page(
      rows,
      given.limit,
      total,
      (r) => `${r['work_due']} ${r['id']}`,
      (r) => ({
        ...caseCells(r),
        ...(r['work_due'] === NO_DUE ? {} : { due: String(r['work_due']) }),
        ...(r['due'] === null ? {} : { caseDue: String(r['due']) }),
        acts: JSON.parse(String(r['acts'])) as string[],
        party: String(r['party']),
      }),
    )
  }

  /** For badges: how many cases wait, and how many of them are late. */
  workCounts(given: { parties: readonly Address[]; now: Instant }): { total: number; late: number; fresh: number } {
    const [row] = this.#all(
      `select count(distinct w.case_id) as total, count(distinct case when w.due < ?2 then w.case_id end) as late,
       count(distinct case when c.outer = 1 then w.case_id end) as fresh
       from work w join cases c on c.id = w.case_id where w.party in (select value from json_each(?1))`,
      JSON.stringify(given.parties),
      given.now,
    )
    return { total: Number(row?.['total'] ?? 0), late: Number(row?.['late'] ?? 0), fresh: Number(row?.['fresh'] ?? 0) }
  }

  /** Sổ đăng ký văn bản đến, newest number first. `q` needs no marks. */
  arrivals(given: {
    year: number
    q?: string
    view?: ArrivalView
    now: Instant
    dayStart?: Instant
    after?: string
    limit?: number
    from?: number
    to?: number
    /** instants of arrival, `until` exclusive */
    since?: Instant
    until?: Instant
  }): Page<ArrivalRow> {
    const where = `year = ?1 and (?2 = '' or instr(search, ?2) > 0) and n between ?3 and ?4 and ${views[given.view ?? 'all']}
      and (?7 is null or arrived_at >= ?7) and (?8 is null or arrived_at < ?8)`
    const values = [
      given.year,
      fold(given.q ?? ''),
      given.from ?? 1,
      given.to ?? Number.MAX_SAFE_INTEGER,
      given.now,
      given.dayStart ?? given.now,
      given.since ?? null,
      given.until ?? null,
    ] as const
    const rows = this.#all(
      `select n, case_id, line from arrivals where ${where} and (?9 is null or n < ?9) order by n desc limit ?10`,
      ...values,
      given.after === undefined ? null : Number(given.after),
      pageSize(given.limit) + 1,
    )
    const total = this.#count(`select count(*) as n from arrivals where ${where}`, ...values)
    return page(
      rows,
      given.limit,
      total,
      (r) => String(r['n']),
      (r) => ({ ...(JSON.parse(String(r['line'])) as ArrivalLine), case: String(r['case_id']) }),
    )
  }

  arrivalCounts(given: { year: number; now: Instant; dayStart: Instant }): Record<ArrivalView, number> {
    const counts = Object.entries(views).map(([name, where]) => [
      name,
      this.#count(
        `select count(*) as n from arrivals where year = ?1 and ${where.replaceAll('?5', '?2').replaceAll('?6', '?3')} and ?2 = ?2 and ?3 = ?3`,
        given.year,
        given.now,
        given.dayStart,
      ),
    ])
    return Object.fromEntries(counts)
  }

  /** Sổ đăng ký văn bản đi, newest number first. */
  outgoing(given: {
    year: number
    q?: string
    after?: string
    limit?: number
    from?: number
    to?: number
    /** days of the document, both inclusive, YYYY-MM-DD */
    fromDay?: string
    toDay?: string
  }): Page<OutgoingRow> {
    const where = `year = ?1 and (?2 = '' or instr(search, ?2) > 0) and n between ?3 and ?4
      and (?5 is null or line ->> 'date' >= ?5) and (?6 is null or line ->> 'date' <= ?6)`
    const values = [
      given.year,
      fold(given.q ?? ''),
      given.from ?? 1,
      given.to ?? Number.MAX_SAFE_INTEGER,
      given.fromDay ?? null,
      given.toDay ?? null,
    ] as const
    const rows = this.#all(
      `select n, case_id, line from outgoing where ${where} and (?7 is null or n < ?7) order by n desc limit ?8`,
      ...values,
      given.after === undefined ? null : Number(given.after),
      pageSize(given.limit) + 1,
    )
    const total = this.#count(`select count(*) as n from outgoing where ${where}`, ...values)
    return page(
      rows,
      given.limit,
      total,
      (r) => String(r['n']),
      (r) => ({ ...(JSON.parse(String(r['line'])) as OutgoingLine), case: String(r['case_id']) }),
    )
  }

  /** Every number of both registers, for recounting. */
  allNumbers(): {
    arrivals: { year: number; n: number; case: string }[]
    outgoing: { year: number; n: number; case: string }[]
  } {
    const of = (table: 'arrivals' | 'outgoing') =>
      this.#all(`select year, n, case_id from ${table} order by year, n`).map((r) => ({
        year: Number(r['year']),
        n: Number(r['n']),
        case: String(r['case_id']),
      }))
    return { arrivals: of('arrivals'), outgoing: of('outgoing') }
  }

  /** Years that have lines, newest first. */
  years(): number[] {
    return this.#all('select year from arrivals union select year from outgoing order by 1 desc').map((r) =>
      Number(r['year']),
    )
  }

  /** By lodging reference or mã hồ sơ. */
  case(id: string): { row: CaseRow; state: unknown } | undefined {
    const [row] = this.#all('select * from cases where id = ?1 or code = ?1', id)
    return row && { row: caseRow(row), state: JSON.parse(String(row['state'])) }
  }

  /** Every case, newest first; `q` finds codes, names, answers of the form, without marks. */
  cases(given: {
    q?: string
    outer?: number
    after?: string
    limit?: number
    /** only cases whose state names one of these addresses, in whatever part */
    about?: readonly Address[]
    /** true: only cases in which nobody has anything to do any more; false: only the others */
    over?: boolean
  }): Page<CaseRow> {
    const where = `(?1 = '' or instr(search, ?1) > 0) and (?2 is null or outer = ?2)
      and (?3 is null or exists (select 1 from json_each(?3) a where instr(state, json_quote(a.value)) > 0))
      and (?4 is null or (not exists (select 1 from work w where w.case_id = cases.id)) = ?4)`
    const values = [
      fold(given.q ?? ''),
      given.outer ?? null,
      given.about ? JSON.stringify(given.about) : null,
      given.over === undefined ? null : Number(given.over),
    ] as const
    const [afterAt, afterId] = split(given.after)
    const rows = this.#all(
      `select * from cases where ${where} and (?5 is null or (opened_at, id) < (?5, ?6)) order by opened_at desc, id desc limit ?7`,
      ...values,
      afterAt ?? null,
      afterId ?? null,
      pageSize(given.limit) + 1,
    )
    const total = this.#count(`select count(*) as n from cases where ${where}`, ...values)
    return page(rows, given.limit, total, (r) => `${r['opened_at']} ${r['id']}`, caseRow)
  }

  /** How many cases stand in each outer state. */
  stateCounts(): Record<number, number> {
    return Object.fromEntries(
      this.#all('select outer, count(*) as n from cases group by outer').map((r) => [
        Number(r['outer']),
        Number(r['n']),
      ]),
    )
  }

  /** Files of a case and the ledger entry (message and MIME part) that holds each. */
  files(caseId: string): CaseFileRow[] {
    return this.#all(
      `select f.*, e.message_id, e.at from files f join entries e on e.seq = f.seq where f.case_id = ? order by f.seq, f.part`,
      caseId,
    ).map((r) => ({
      sha256: String(r['sha256']),
      name: String(r['name']),
      type: String(r['type']),
      size: Number(r['size']),
      seq: Number(r['seq']),
      part: Number(r['part']),
      messageId: String(r['message_id']),
      at: String(r['at']),
    }))
  }

  /** The case's entries in the ledger, oldest first. */
  entries(caseId: string): EntryRow[] {
    return this.#all('select * from entries where case_id = ? order by seq', caseId).map(entryRow)
  }

  /** The event that a command led to, by the command's Message-ID; undefined while there is none. */
  entryOf(command: string): EntryRow | undefined {
    return this.#all('select * from entries where command = ?', command).map(entryRow)[0]
  }

  [Symbol.dispose](): void {
    this.#open?.db.close()
    this.#open = undefined
  }

  #db(): DatabaseSync | undefined {
    const inode = inodeOf(this.#link)
    if (this.#open && this.#open.inode !== inode) this[Symbol.dispose]()
    if (!this.#open && inode !== undefined) this.#open = { db: openDatabase(this.#link, { readOnly: true }), inode }
    return this.#open?.db
  }

  #all(sql: string, ...values: (string | number | null)[]): Record<string, unknown>[] {
    return (
      this.#db()
        ?.prepare(sql)
        .all(...values) ?? []
    )
  }
  #count(sql: string, ...values: (string | number | null)[]): number {
    return Number(this.#all(sql, ...values)[0]?.['n'] ?? 0)
  }
}

/** ?5 is now, ?6 the first instant of today */
const views: Record<ArrivalView, string> = {
  all: '(?5 = ?5 and ?6 = ?6)',
  today: '(arrived_at >= ?6 and ?5 = ?5)',
  unforwarded: '(forwarded_at is null and done_at is null and ?5 = ?5 and ?6 = ?6)',
  late: '(due < coalesce(done_at, ?5) and ?6 = ?6)',
  open: '(done_at is null and ?5 = ?5 and ?6 = ?6)',
}

function pageSize(limit = 50): number {
  return Math.max(1, Math.min(limit, MAX_PAGE))
}

function split(after: string | undefined): [string?, string?] {
  if (after === undefined) return []
  const at = after.indexOf(' ')
  return [after.slice(0, at), after.slice(at + 1)]
}

function page<T>(
  rows: Record<string, unknown>[],
  limit: number | undefined,
  total: number,
  key: (r: Record<string, unknown>) => string,
  cells: (r: Record<string, unknown>) => T,
): Page<T> {
  const shown = rows.slice(0, pageSize(limit))
  const last = shown.at(-1)
  return { rows: shown.map(cells), total, ...(rows.length > shown.length && last ? { next: key(last) } : {}) }
}

function caseCells(r: Record<string, unknown>) {
  return {
    case: String(r['id']),
    family: String(r['family']),
    ...(r['code'] === null ? {} : { code: String(r['code']) }),
    title: String(r['title']),
    from: String(r['sender']),
    outer: Number(r['outer']),
    stateName: String(r['state_name']),
    openedAt: String(r['opened_at']),
    ...(r['started_at'] === null ? {} : { startedAt: String(r['started_at']) }),
  }
}

function caseRow(r: Record<string, unknown>): CaseRow {
  return {
    ...caseCells(r),
    ...(r['due'] === null ? {} : { due: String(r['due']) }),
    ...(r['done_at'] === null ? {} : { doneAt: String(r['done_at']) }),
    seq: Number(r['seq']),
    changed: Number(r['changed']),
  }
}

function entryRow(r: Record<string, unknown>): EntryRow {
  return {
    seq: Number(r['seq']),
    messageId: String(r['message_id']),
    command: String(r['command']),
    kind: String(r['kind']),
    at: String(r['at']),
  }
}
