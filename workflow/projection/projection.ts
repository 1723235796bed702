import { hash as hashOf } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Event } from '#kit/act/act.ts'
import { familyName, type Registry } from '#kit/act/registry.ts'
import type { Address } from '#kit/directory/calls.ts'
import { crashPoint } from '#kit/process/crash.ts'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { transact } from '#kit/store/transact.ts'
import { fold } from '#kit/vi/fold.ts'
import { askedActs, askedUntil } from './asked.ts'
import { current, inodeOf, linkFirst, nextFile } from './files.ts'
import { GENESIS, NO_DUE, steps } from './schema.ts'

/** An entry as `ledger.read` gives it, or as the worker just committed it. */
export type Entry = { seq: number; data: string; messageId: string }
export type Head = { seq: number; hash: string }

// An entry's attachments follow its text and its data part (kit/message/contract.ts): MIME part 3 is the first file.
const FIRST_FILE_PART = 3
// A rebuild touches cases all over the file, and lasts seconds.
const DRAFT_CACHE_KB = 64_000

/**
 * The writing side of one register's projection. Several processes may each hold one: applying takes the write lock,
 * starts from the stored cursor, and skips what another has applied, so the rows are the same whoever is first.
 */
export class Projection implements Disposable {
  readonly #db: DatabaseSync
  readonly #registry: Registry
  readonly #ledger: Address
  readonly #link: string | undefined
  readonly #inode: number | undefined
  readonly #sql = new Map<string, StatementSync>()

  /** @param link the name in force; undefined for a file that is not linked (a rebuild) */
  private constructor(db: DatabaseSync, registry: Registry, ledger: Address, link?: string) {
    this.#db = db
    this.#registry = registry
    this.#ledger = ledger
    this.#link = link
    this.#inode = link === undefined ? undefined : inodeOf(link)
  }

  /** Opens the projection in force, or begins an empty one. */
  static open(link: string, registry: Registry, ledger: Address): Projection {
    if (current(link) === undefined) {
      const file = nextFile(link)
      prepare(file, registry, ledger).close()
      linkFirst(link, file)
    }
    return new Projection(prepare(link, registry, ledger), registry, ledger, link)
  }

  /** A file of its own, beside the one in force. */
  static beside(file: string, registry: Registry, ledger: Address): Projection {
    return new Projection(prepare(file, registry, ledger), registry, ledger)
  }

  /**
   * A file that nobody else opens until `finish`, for a rebuild: one transaction without a journal, since what fails or is cut
   * off is thrown away as a whole, and so each page is written about once.
   */
  static draft(file: string, registry: Registry, ledger: Address): Projection {
    const db = prepare(file, registry, ledger)
    db.exec(`pragma journal_mode = off; pragma synchronous = off; pragma cache_size = ${-DRAFT_CACHE_KB}; begin`)
    return new Projection(db, registry, ledger)
  }

  /** Ends a draft: the file is closed, whole and on the disk, and may be put in force. @returns where it ends */
  finish(file: string): Head {
    const head = this.head()
    this.#db.exec('commit; pragma journal_mode = wal')
    this.#db.close()
    const fd = openSync(file, 'r+')
    fsyncSync(fd)
    closeSync(fd)
    return head
  }

  /** False once a rebuild has put another file in force: open anew. */
  get inForce(): boolean {
    return this.#link === undefined || inodeOf(this.#link) === this.#inode
  }

  /** False when other acts computed it: worklists, register lines and questions may then differ; rebuild it. */
  get current(): boolean {
    return this.#get('select acts from head')?.['acts'] === this.#registry.fingerprint
  }

  head(): Head {
    const row = this.#get('select seq, hash from head')
    return { seq: Number(row?.['seq']), hash: String(row?.['hash']) }
  }

  /** A case as of the cursor. */
  state(caseId: string): { family: string; state: unknown } | undefined {
    const row = this.#get('select family, state from cases where id = ?', caseId)
    return row && { family: String(row['family']), state: JSON.parse(String(row['state'])) }
  }

  /** The last number drawn from a series; 0 when none was. */
  last(series: string): number {
    return Number(this.#get('select max(n) as n from numbers where series = ?', series)?.['n'] ?? 0)
  }

  /** Who was asked by letter `n` of event `seq`. */
  asked(seq: number, n: number): { case: string; parties: string[]; kinds: string[]; until: string } | undefined {
    const rows = this.#all('select party, case_id, kinds, until from asked where seq = ? and n = ?', seq, n)
    const [first] = rows
    if (!first) return undefined
    return {
      case: String(first['case_id']),
      parties: rows.map((r) => String(r['party'])),
      kinds: JSON.parse(String(first['kinds'])),
      until: String(first['until']),
    }
  }

  /** Where a file's octets lie in the ledger. */
  file(
    caseId: string,
    sha256: string,
  ): { seq: number; part: number; name: string; type: string; messageId: string; at: string } | undefined {
    const row = this.#get(
      'select f.seq, part, name, type, message_id, at from files f join entries e on e.seq = f.seq where f.case_id = ? and sha256 = ?',
      caseId,
      sha256,
    )
    if (!row) return undefined
    return {
      seq: Number(row['seq']),
      part: Number(row['part']),
      name: String(row['name']),
      type: String(row['type']),
      messageId: String(row['message_id']),
      at: String(row['at']),
    }
  }

  /** Message-IDs of the case's entries, oldest first: its mail thread. */
  thread(caseId: string): string[] {
    return this.#all('select message_id from entries where case_id = ? order by seq', caseId).map((r) =>
      String(r['message_id']),
    )
  }

  /** What the timer has to send by now. */
  timed(
    now: string,
    limit: number,
  ): { case: string; changed: number; act: string; key: string; at: string; data: Record<string, unknown> }[] {
    return this.#all(
      'select t.case_id, c.changed, t.act, t.key, t.at, t.data from timed t join cases c on c.id = t.case_id where t.at <= ? order by t.at, t.case_id, t.act limit ?',
      now,
      limit,
    ).map((r) => ({
      case: String(r['case_id']),
      changed: Number(r['changed']),
      act: String(r['act']),
      key: String(r['key']),
      at: String(r['at']),
      data: JSON.parse(String(r['data'])),
    }))
  }

  /**
   * Applies the entries that follow the cursor; earlier ones are skipped. All or nothing.
   * @throws Error when the chain is broken, an entry is missing, or an event has a kind that no act knows
   */
  apply(entries: readonly Entry[]): Head {
    crashPoint('projection.beforeApply')
    const head = transact(this.#db, () => this.#applyAll(entries))
    crashPoint('projection.afterApply')
    return head
  }

  #applyAll(entries: readonly Entry[]): Head {
    let { seq, hash } = this.head()
    const touched = new Map<string, { family: string; state: unknown; fresh: boolean }>()
    for (const entry of entries) {
      if (entry.seq <= seq) continue
      const event = committedEvent(entry.data)
      if (entry.seq !== seq + 1 || event.seq !== entry.seq || event.ledger !== this.#ledger || event.prev !== hash)
        throw new Error(`${this.#ledger}: entry ${entry.seq} does not follow entry ${seq}: the chain is broken`)
      const act = this.#registry.acts.get(event.kind)
      if (!act || event.v > act.v)
        throw new Error(
          `${this.#ledger}: entry ${entry.seq} is a ${event.kind} v${event.v}, which no act here knows; run the program that wrote it`,
        )
      const seen = touched.get(event.case)
      const before = seen ?? this.state(event.case)
      const family = familyName(event.kind)
      const state: unknown = act.apply(before?.state, event)
      touched.set(event.case, { family, state, fresh: seen?.fresh ?? before === undefined })
      seq = entry.seq
      hash = hashOf('sha256', entry.data, 'hex')
      this.#keepEvent(event, entry, hash, family, state)
    }
    for (const [id, { family, state, fresh }] of touched) this.#keepCase(id, family, state, fresh)
    this.#get('update head set seq = ?, hash = ?', seq, hash)
    return { seq, hash }
  }

  #keepEvent(event: Event, entry: Entry, hash: string, family: string, state: unknown): void {
    this.#get(
      'insert into entries (seq, hash, message_id, command, kind, case_id, at) values (?, ?, ?, ?, ?, ?, ?)',
      entry.seq,
      hash,
      entry.messageId,
      event.command,
      event.kind,
      event.case,
      event.at,
    )
    for (const [i, f] of event.files.entries())
      this.#get(
        'insert into files (case_id, sha256, name, type, size, seq, part) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing',
        event.case,
        f.sha256,
        f.name,
        f.type,
        f.size,
        entry.seq,
        FIRST_FILE_PART + i,
      )
    const act = this.#registry.acts.get(event.kind)
    for (const [i, letter] of (act?.tell(state, event) ?? []).entries()) {
      const acts = askedActs(this.#registry, family, state, letter)
      if (acts.length === 0) continue
      for (const party of letter.to)
        this.#get(
          'insert into asked (seq, n, party, case_id, kinds, until) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
          entry.seq,
          i + 1,
          party,
          event.case,
          JSON.stringify(acts.map((a) => a.kind)),
          askedUntil(acts, event.at),
        )
    }
  }

  /** @param fresh the case has no rows yet */
  #keepCase(id: string, familyId: string, state: unknown, fresh: boolean): void {
    const family = this.#registry.familyOf(`${familyId}.`)
    const s = family.summary(state)
    const search = fold([s.id, s.code ?? '', s.title, s.from, family.search(state)].join('\n'))
    this.#get(
      `insert into cases (id, family, seq, changed, code, title, sender, outer, state_name, opened_at, started_at, due, done_at, state, search)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (id) do update set seq = excluded.seq, changed = excluded.changed, code = excluded.code, title = excluded.title,
         sender = excluded.sender, outer = excluded.outer, state_name = excluded.state_name, opened_at = excluded.opened_at,
         started_at = excluded.started_at, due = excluded.due, done_at = excluded.done_at, state = excluded.state, search = excluded.search`,
      id,
      familyId,
      s.seq,
      s.changed,
      s.code ?? null,
      s.title,
      s.from,
      s.outer,
      s.stateName,
      s.openedAt,
      s.startedAt ?? null,
      s.due ?? null,
      s.doneAt ?? null,
      JSON.stringify(state),
      search,
    )
    for (const table of fresh ? [] : ['work', 'arrivals', 'outgoing', 'numbers', 'timed'])
      this.#get(`delete from ${table} where case_id = ?`, id)
    for (const t of this.#registry.turns(familyId, state))
      this.#get('insert into work (party, act, case_id, due) values (?, ?, ?, ?)', t.party, t.act, id, t.due ?? NO_DUE)
    for (const l of family.arrivals(state))
      this.#get(
        'insert into arrivals (year, n, case_id, arrived_at, forwarded_at, due, done_at, line, search) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        l.year,
        l.n,
        id,
        l.arrivedAt,
        l.forwardedAt ?? null,
        l.due ?? null,
        l.doneAt ?? null,
        JSON.stringify(l),
        fold([l.n, l.author, l.reference, l.subject, l.receiver, l.note].join('\n')),
      )
    for (const l of family.outgoing(state))
      this.#get(
        'insert into outgoing (year, n, case_id, line, search) values (?, ?, ?, ?, ?)',
        l.year,
        l.n,
        id,
        JSON.stringify(l),
        fold([l.number, l.subject, l.signer, l.recipients, l.note].join('\n')),
      )
    for (const { series, n } of family.numbers(state))
      this.#get('insert into numbers (series, n, case_id) values (?, ?, ?)', series, n, id)
    for (const t of family.timed(state))
      this.#get(
        'insert into timed (case_id, act, key, at, data) values (?, ?, ?, ?, ?)',
        id,
        t.act,
        t.key,
        t.at,
        JSON.stringify(t.data),
      )
  }

  /** Writes back what the log holds and closes; a rebuilt file is then whole in itself. */
  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #prepared(sql: string): StatementSync {
    const known = this.#sql.get(sql)
    if (known) return known
    const fresh = this.#db.prepare(sql)
    this.#sql.set(sql, fresh)
    return fresh
  }
  #get(sql: string, ...values: (string | number | null)[]): Record<string, unknown> | undefined {
    return this.#prepared(sql).get(...values)
  }
  #all(sql: string, ...values: (string | number | null)[]): Record<string, unknown>[] {
    return this.#prepared(sql).all(...values)
  }
}

/** What the ledger holds was read strictly before it was committed, and the chain holds it since: reading it again is plain. */
function committedEvent(data: string): Event {
  const event = JSON.parse(data) as Event & { is: string }
  if (event.is !== 'event') throw new Error(`a ${event.is} in place of an event`)
  return event
}

function prepare(file: string, registry: Registry, ledger: Address): DatabaseSync {
  const db = openDatabase(file)
  // A projection may lose its last moments in a power cut: the cursor goes back with the rows, and the ledger has them.
  db.exec('pragma synchronous = normal')
  migrate(db, steps)
  db.prepare('insert into head (one, ledger, seq, hash, acts) values (1, ?, 0, ?, ?) on conflict do nothing').get(
    ledger,
    GENESIS,
    registry.fingerprint,
  )
  const kept = db.prepare('select ledger from head').get()?.['ledger']
  if (kept !== ledger) throw new Error(`${file} is the projection of ${kept}, not of ${ledger}`)
  return db
}
