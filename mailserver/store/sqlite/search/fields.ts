import type { Statements } from '#kit/store/statements.ts'
import { fold } from '#kit/vi/fold.ts'
import type { SearchKey } from '../../port.ts'
import { messageId, uidOf } from '../schema.ts'
import { asListedField, headerLinesOf, type ListedField } from './fieldlines.ts'
import { hasMarks, type Needle, needleOf } from './needle.ts'
import type { Pausing } from './vocabulary.ts'

/** Rows read between two pauses: some milliseconds. */
const ROWS_EACH = 1000
/** Octets that one thread keeps, in all; the mailbox that was searched longest ago gives way. */
const MAX_OCTETS = 24 * 1024 * 1024
/** Of one field in one mailbox: some 150 for each message, more where each goes to dozens. A larger one is not kept at all. */
const MAX_OF_ONE = 16 * 1024 * 1024
const MAX_MESSAGES = 100_000
/** A mailbox of so many messages, or so many new ones in a known one, is read at once; others when the index does not say enough. */
const SOON_READ = 5000
/** Nobody has searched for this long: the memory is given back. */
const KEPT_MS = 10 * 60_000
/** Values looked through between two looks at the clock, and milliseconds between two pauses. */
const VALUES_EACH = 1000
const FIND_MS = 3
const NEWLINE = 0x0a

/** Growing octets. */
class Octets {
  octets = Buffer.allocUnsafe(4096)
  length = 0

  add(text: string): number {
    const most = text.length * 3 + 1
    if (this.length + most > this.octets.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.length + most, this.octets.length * 2))
      this.octets.copy(larger, 0, 0, this.length)
      this.octets = larger
    }
    this.length += this.octets.write(text, this.length)
    this.octets[this.length++] = NEWLINE
    return this.length
  }
}

/** The values of one field in one mailbox, a line each; several of one message stand behind one another. */
class Column {
  /** UIDs up to here have been read */
  last = 0
  readonly #folded = new Octets()
  readonly #exact = new Octets()
  /** of each value */
  readonly #uids: number[] = []
  readonly #foldedEnds: number[] = []
  readonly #exactEnds: number[] = []

  get octets(): number {
    return this.#folded.octets.length + this.#exact.octets.length + 24 * this.#uids.length
  }

  add(uid: number, value: string): void {
    this.#uids.push(uid)
    this.#foldedEnds.push(this.#folded.add(fold(value)))
    this.#exactEnds.push(this.#exact.add(value))
  }

  /** Adds UIDs of messages with a value that holds the needle; some may have gone since. */
  *find(needle: Needle, found: Set<number>): Pausing<void> {
    const { folded, marked } = needle
    const withMarks = marked && { ...needle, marked }
    const wanted = Buffer.from(folded)
    const { octets } = this.#folded // what another search adds in a pause is not looked at
    const count = this.#uids.length
    let since = performance.now()
    function* pause(): Pausing<void> {
      if (performance.now() - since < FIND_MS) return
      yield
      since = performance.now()
    }
    for (let from = 0; from < count; from += VALUES_EACH) {
      const to = Math.min(count, from + VALUES_EACH)
      const block = octets.subarray(this.#foldedStart(from), this.#foldedStart(to))
      for (const n of folded === '' ? numbers(from, to) : this.#holding(block, wanted, from, to)) {
        if (!withMarks || hasMarks(this.#exactOf(n), withMarks)) found.add(this.#uids[n]!)
        yield* pause()
      }
      yield* pause()
    }
  }

  /** Places of values, from those of the block, that hold it without regard to marks. */
  *#holding(block: Buffer, wanted: Buffer, from: number, to: number): Generator<number> {
    const start = this.#foldedStart(from)
    for (let at = block.indexOf(wanted); at !== -1; ) {
      const n = firstAbove(this.#foldedEnds, start + at, from, to)
      yield n
      at = block.indexOf(wanted, this.#foldedEnds[n]! - start)
    }
  }

  #foldedStart(n: number): number {
    return n === 0 ? 0 : this.#foldedEnds[n - 1]!
  }

  #exactOf(n: number): string {
    return this.#exact.octets.toString('utf8', n === 0 ? 0 : this.#exactEnds[n - 1]!, this.#exactEnds[n]! - 1)
  }
}

function* numbers(from: number, to: number): Generator<number> {
  for (let n = from; n < to; n++) yield n
}

/** The place, from `low` and below `high`, of the first number above `at`. */
function firstAbove(ends: readonly number[], at: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >> 1
    if (ends[middle]! > at) high = middle
    else low = middle + 1
  }
  return low
}

/** Columns as one thread last saw them, those searched last behind the others. Messages only come behind the last one, and never change. */
class Fields {
  readonly #sql: Statements
  readonly #columns = new Map<string, Column>()
  readonly #tooLarge = new Set<string>()
  #forget: NodeJS.Timeout | undefined

  constructor(sql: Statements) {
    this.#sql = sql
  }

  /** @param anyway read the mailbox, although it is large */
  mayRead(mailbox: number, names: ReadonlySet<ListedField>, anyway: boolean): boolean {
    const row = this.#sql.get<{ messages: number }>('select messages from mailbox where id = ?', mailbox)
    const keys = Array.from(names, (name) => keyOf(mailbox, name))
    if (!row || row.messages > MAX_MESSAGES || keys.some((key) => this.#tooLarge.has(key))) return false
    if (anyway || row.messages <= SOON_READ) return true
    const after = Math.min(...keys.map((key) => this.#columns.get(key)?.last ?? 0))
    const { n } = this.#sql.one<{ n: number }>(
      `select count(*) as n from (select 1 from message where id > ? and id < ? limit ${SOON_READ + 1})`,
      messageId(mailbox, after),
      messageId(mailbox + 1, 0),
    )
    return n <= SOON_READ
  }

  /** UIDs of messages whose fields match, some of which may have gone since; undefined when there is too much to keep. Pauses between slices of reading. */
  *find(mailbox: number, key: FieldKey): Pausing<Set<number> | undefined> {
    this.#forget ??= setTimeout(() => this.#drop(), KEPT_MS).unref()
    this.#forget.refresh()
    if (key.key === 'header') {
      const found = new Set<number>()
      const column = yield* this.#upToDate(mailbox, asListedField(key.name)!)
      if (!column) return undefined
      yield* column.find(needleOf(key.value), found)
      return found
    }
    let all: Set<number> | undefined
    for (const each of key.of as readonly FieldKey[]) {
      const found = yield* this.find(mailbox, each)
      if (!found) return undefined
      all = all === undefined ? found : key.key === 'and' ? all.intersection(found) : all.union(found)
    }
    return all
  }

  *#upToDate(mailbox: number, name: ListedField): Pausing<Column | undefined> {
    const key = keyOf(mailbox, name)
    const column = this.#columns.get(key) ?? new Column()
    for (;;) {
      this.#columns.delete(key)
      this.#columns.set(key, column)
      // each slice is whole by itself: another search of this thread may go on in the same pause
      const rows = this.#readOn(mailbox, name, column)
      if (column.octets > MAX_OF_ONE) {
        this.#tooLarge.add(key)
        this.#columns.delete(key)
        return undefined
      }
      if (rows < ROWS_EACH) break
      yield
    }
    this.#makeRoom()
    return column
  }

  #readOn(mailbox: number, name: ListedField, column: Column): number {
    const rows = this.#sql.arrays<readonly [id: number, content: number, lines: string | null]>(
      `select m.id, m.content, l.field_lines from message m left join listing l on l.content = m.content
       where m.id > ? and m.id < ? order by m.id limit ${ROWS_EACH}`,
      messageId(mailbox, column.last),
      messageId(mailbox + 1, 0),
    )
    for (const [id, content, lines] of rows) {
      const uid = uidOf(id)
      for (const line of (lines ?? headerLinesOf(this.#sql, content)).split('\n'))
        if (line.charCodeAt(name.length) === 0x3a && line.slice(0, name.length).toLowerCase() === name)
          column.add(uid, line.slice(name.length + 1))
      column.last = uid
    }
    return rows.length
  }

  #makeRoom(): void {
    let octets = 0
    for (const column of this.#columns.values()) octets += column.octets
    for (const [key, column] of this.#columns) {
      if (octets <= MAX_OCTETS) return
      octets -= column.octets
      this.#columns.delete(key)
    }
  }

  #drop(): void {
    this.#columns.clear()
    this.#tooLarge.clear()
    this.#forget = undefined
  }
}

const keyOf = (mailbox: number, name: ListedField): string => `${mailbox} ${name}`

/** A search of listed fields and nothing else: header keys, joined by and, or. */
export type FieldKey = Extract<SearchKey, { key: 'header' | 'and' | 'or' }>

/** Such a key, if it is one; `names` gets the fields that it asks for. */
export function asFieldKey(key: SearchKey, names: Set<ListedField>): FieldKey | undefined {
  if (key.key === 'header') {
    const name = asListedField(key.name)
    if (name) names.add(name)
    return name && key
  }
  if (key.key !== 'and' && key.key !== 'or') return undefined
  return key.of.length > 0 && key.of.every((each) => asFieldKey(each, names)) ? key : undefined
}

const known = new WeakMap<Statements, Fields>()

/** Of one connection, which is one thread's. */
export function fieldsOf(sql: Statements): Fields {
  const fields = known.get(sql) ?? new Fields(sql)
  known.set(sql, fields)
  return fields
}
