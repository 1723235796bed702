import type { Statements } from '#kit/store/statements.ts'
import type { SearchKey } from '../../port.ts'
import { foldLines } from '../folding.ts'
import { prefixOf } from '../prefixes.ts'
import { messageId, uidOf } from '../schema.ts'
import { asListedField, fieldLinesOf, type ListedField } from './fieldlines.ts'
import { asFieldKey, type FieldKey, fieldsOf } from './fields.ts'
import { filesOf, fileText } from './files.ts'
import { type Asked, narrow, newAsked } from './narrow.ts'
import {
  type Fields,
  type Haystack,
  holds,
  holdsField,
  markedText,
  type Needle,
  needleOf,
  prefixLines,
} from './needle.ts'
import { indexedHeader } from './opaque.ts'
import { condition, inRanges, mergedRanges, split } from './where.ts'

/** Conditions held against rows in one slice: some 10 ms, for three conditions on each of 20,000 rows. */
const QUICK_CONDITIONS = 60_000
const QUICK_SLICE = 20_000
const TEXT_SLICE = 250
/** Milliseconds of looking through texts before others get their turn; one text is looked through at once. */
const TEXTS_MS = 3
/** Up to so many contents that may match are looked at one by one, rather than that all fields of the mailbox are read. */
const FEW_CONTENTS = 200
/** Nesting of AND, OR and NOT; programs send three, a hostile one would fill the stack. */
const MAX_DEPTH = 50
/** Keys in one search; SQLite takes a thousand in a row. */
const MAX_KEYS = 500
/** Of these, keys that look through texts: each may read every one. People type a handful of words. */
const MAX_TEXT_KEYS = 100

/** What the index said already, for the same key in another mailbox. */
export type Narrowed = { asked: Asked; accounts: Map<number, Set<number> | undefined> }
export const newNarrowed = (): Narrowed => ({ asked: newAsked(), accounts: new Map() })

/**
 * Ascending UIDs after `after` that match, slice by slice; a slice may be empty. What needs no text is asked of
 * SQLite; what does is narrowed by the full-text index where that is possible, and decided by the stored text.
 *
 * @throws RangeError for a key nested deeper than MAX_DEPTH, more than MAX_KEYS of them, or more than MAX_TEXT_KEYS about texts
 */
export function* searchSlices(
  sql: Statements,
  mailbox: number,
  key: SearchKey,
  after: number,
  narrowed: Narrowed = newNarrowed(),
  looked?: (upTo: number) => void,
): Generator<number[]> {
  if (depth(key) > MAX_DEPTH) throw new RangeError('the search is nested too deeply')
  if (countKeys(key, () => 1) > MAX_KEYS) throw new RangeError(`a search has at most ${MAX_KEYS} keys`)
  if (countKeys(key, ofText) > MAX_TEXT_KEYS)
    throw new RangeError(`a search looks for at most ${MAX_TEXT_KEYS} words or phrases`)
  const owner = sql.get<{ account: number }>('select account from mailbox where id = ? and doomed <> 1', mailbox)
  if (!owner) return
  const { quick, slow } = split(mailbox, key)
  const text: SearchKey | undefined = slow.length > 0 ? { key: 'and', of: slow } : undefined
  const names = new Set<ListedField>()
  const fields = text && asFieldKey(text, names)
  if (fields && fieldsOf(sql).mayRead(mailbox, names, false))
    if (yield* byFields(sql, mailbox, quick, fields, after, looked)) return
  if (text && !narrowed.accounts.has(owner.account)) {
    const narrowing = narrow(sql, owner.account, text, narrowed.asked)
    let step = narrowing.next()
    for (; !step.done; step = narrowing.next()) yield []
    narrowed.accounts.set(owner.account, step.value)
  }
  const few = text && narrowed.accounts.get(owner.account)
  if (fields && (!few || few.size > FEW_CONTENTS) && fieldsOf(sql).mayRead(mailbox, names, true))
    if (yield* byFields(sql, mailbox, quick, fields, after, looked)) return
  if (few) {
    const ids = idsOf(sql, mailbox, few, after)
    for (let i = 0; i < ids.length; i += TEXT_SLICE) {
      const slice = ids.slice(i, i + TEXT_SLICE)
      yield* matching(sql, mailbox, quick, text, `m.id in (select value from json_each(?))`, [JSON.stringify(slice)])
      looked?.(uidOf(slice.at(-1)!))
    }
    return
  }
  const rows = Math.ceil(Math.min(QUICK_SLICE, QUICK_CONDITIONS / countKeys(key, () => 1)))
  for (let from = messageId(mailbox, after); ; ) {
    const to = sliceEnd(sql, mailbox, from, text ? TEXT_SLICE : rows)
    if (to === undefined) return
    yield* matching(sql, mailbox, quick, text, 'm.id > ? and m.id <= ?', [from, to])
    looked?.(uidOf(to))
    from = to
  }
}

/** What is kept of the fields says which messages match, and the rows which of them are there and match the rest. @returns false when too much would have to be kept */
function* byFields(
  sql: Statements,
  mailbox: number,
  quick: { sql: string; values: (number | string)[] },
  key: FieldKey,
  after: number,
  looked: ((upTo: number) => void) | undefined,
): Generator<number[], boolean> {
  const finding = fieldsOf(sql).find(mailbox, key)
  let step = finding.next()
  for (; !step.done; step = finding.next()) yield []
  if (!step.value) return false
  const uids = [...step.value].filter((uid) => uid > after).sort((a, b) => a - b)
  for (let i = 0; i < uids.length; i += QUICK_SLICE) {
    const slice = uids.slice(i, i + QUICK_SLICE)
    const ids = JSON.stringify(slice.map((uid) => messageId(mailbox, uid)))
    yield* matching(sql, mailbox, quick, undefined, 'm.id in (select value from json_each(?))', [ids])
    looked?.(slice.at(-1)!)
  }
  return true
}

function idsOf(sql: Statements, mailbox: number, contents: ReadonlySet<number>, after: number): number[] {
  const { list } = sql.one<{ list: string | null }>(
    `select group_concat(m.id) as list from json_each(?) c join message m on m.content = c.value where m.id > ? and m.id < ?`,
    JSON.stringify([...contents]),
    messageId(mailbox, after),
    messageId(mailbox + 1, 0),
  )
  return list === null
    ? []
    : list
        .split(',')
        .map(Number)
        .sort((a, b) => a - b)
}

function sliceEnd(sql: Statements, mailbox: number, from: number, rows: number): number | undefined {
  const { last } = sql.one<{ last: number | null }>(
    'select max(id) as last from (select id from message where id > ? and id < ? order by id limit ?)',
    from,
    messageId(mailbox + 1, 0),
    rows,
  )
  return last ?? undefined
}

type Row = { id: number; content: number; prefix: Uint8Array }

/** A slice of rows, in as many pieces as its texts take time. */
function* matching(
  sql: Statements,
  mailbox: number,
  quick: { sql: string; values: (number | string)[] },
  text: SearchKey | undefined,
  where: string,
  values: (number | string)[],
): Generator<number[]> {
  const join = quick.sql.includes('c.') ? 'join content c on c.id = m.content' : ''
  const from = `from message m ${join} where ${where} and (${quick.sql}) order by m.id`
  // statements with the search in them are not kept: their text differs with every search
  if (!text) {
    const { list } = sql.db
      .prepare(`select group_concat(uid) as list from (select m.id & 4294967295 as uid ${from})`)
      .get(...values, ...quick.values) as { list: string | null }
    yield list === null ? [] : list.split(',').map(Number)
    return
  }
  const rows = sql.db
    .prepare(`select m.id, m.content, ${prefixOf} as prefix ${from}`)
    .all(...values, ...quick.values) as Row[]
  let found: number[] = []
  let since = performance.now()
  for (const row of rows) {
    if (new Texts(sql, mailbox, row).match(text)) found.push(uidOf(row.id))
    if (performance.now() - since < TEXTS_MS) continue
    yield found
    found = []
    since = performance.now()
  }
  yield found
}

/** One message's texts, read when a key asks for them. */
class Texts {
  readonly #sql: Statements
  readonly #mailbox: number
  readonly #row: Row
  readonly #read = new Map<string, string>()
  readonly #fields: Fields = new Map()

  constructor(sql: Statements, mailbox: number, row: Row) {
    this.#sql = sql
    this.#mailbox = mailbox
    this.#row = row
  }

  match(key: SearchKey): boolean {
    switch (key.key) {
      case 'and':
        return key.of.every((k) => this.match(k))
      case 'or':
        return key.of.some((k) => this.match(k))
      case 'not':
        return !this.match(key.of)
      case 'header':
        return holdsField(
          asListedField(key.name) ? this.#listed() : this.#header(),
          this.#fields,
          key.name,
          needleFor(key),
        )
      case 'body':
        return this.#says(needleFor(key))
      case 'text': {
        const needle = needleFor(key)
        return holds(this.#plainHeader(), needle) || this.#says(needle)
      }
      case 'uid':
        return inRanges(rangesOf(key), uidOf(this.#row.id))
      default:
        return this.#quick(key)
    }
  }

  /** A key without texts that stands beside one with texts under OR or NOT. */
  #quick(key: SearchKey): boolean {
    const c = condition(this.#mailbox, key)
    if (!c) throw new Error(`no condition for ${key.key}`)
    const row = this.#sql.get<{ yes: number | null }>(
      `select (${c.sql}) as yes from message m join content c on c.id = m.content where m.id = ?`,
      ...c.values,
      this.#row.id,
    )
    return row?.yes === 1
  }

  #column(name: keyof typeof columnsOfBody): string {
    let text = this.#read.get(name)
    if (text === undefined) {
      text = this.#sql.get<{ text: string }>(columnsOfBody[name], this.#row.content)?.text ?? ''
      this.#read.set(name, text)
    }
    return text
  }

  /** Made once, however many keys ask for it. */
  #once(name: string, make: () => string): string {
    const text = this.#read.get(name) ?? make()
    this.#read.set(name, text)
    return text
  }

  #header(): Haystack {
    const own = () => prefixLines(this.#row.prefix)
    return this.#haystack('whole header', {
      folded: () => `${foldLines(own())}\n${this.#column('folded_header')}`,
      exact: () => `${own()}\n${this.#column('header')}`,
    })
  }

  #listed(): Haystack {
    const lines = () => this.#once('listed fields', () => fieldLinesOf(this.#sql, this.#row.content))
    return { folded: () => this.#once('listed fields, folded', () => foldLines(lines())), exact: lines }
  }

  /** Without signatures and codes, whose letters say nothing. */
  #plainHeader(): Haystack {
    const { folded, exact } = this.#header()
    return this.#haystack('plain header', {
      folded: () => indexedHeader(folded()),
      exact: () => indexedHeader(exact()),
    })
  }

  #haystack(name: string, { folded, exact }: Haystack): Haystack {
    const exactly = () => this.#once(`exact ${name}`, exact)
    return {
      folded: () => this.#once(`folded ${name}`, folded),
      exact: exactly,
      marked: () => this.#once(`marked ${name}`, () => markedText(exactly())),
    }
  }

  /** The message's own text, or that of a file it carries; files are read one by one, and none when the text has it. */
  #says(needle: Needle): boolean {
    const own = { folded: () => this.#column('folded_text'), exact: () => this.#column('text') }
    if (holds(this.#haystack('text', own), needle)) return true
    return filesOf(this.#sql, this.#row.content).some((file) =>
      holds(this.#haystack(`file ${file}`, fileText(this.#sql, file)), needle),
    )
  }
}

const columnsOfBody = {
  header: 'select header as text from body where content = ?',
  folded_header: 'select folded_header as text from body where content = ?',
  text: 'select text from body where content = ?',
  folded_text: 'select folded_text as text from body where content = ?',
} as const

const needles = new WeakMap<object, Needle>()
/** Made once for a search, not once for a row. */
function needleFor(key: SearchKey & { value: string }): Needle {
  const needle = needles.get(key) ?? needleOf(key.value)
  needles.set(key, needle)
  return needle
}

const below = (key: SearchKey): readonly SearchKey[] =>
  key.key === 'and' || key.key === 'or' ? key.of : key.key === 'not' ? [key.of] : []

/** Looks no deeper than it must to say no. */
const depth = (key: SearchKey, at = 1): number =>
  at > MAX_DEPTH ? at : below(key).reduce((deepest, k) => Math.max(deepest, depth(k, at + 1)), at)

/** What all keys of a tree cost together, by what each costs. */
const countKeys = (key: SearchKey, each: (key: SearchKey) => number): number =>
  below(key).reduce((sum, k) => sum + countKeys(k, each), each(key))
const ofText = ({ key }: SearchKey): number => (key === 'text' || key === 'body' || key === 'header' ? 1 : 0)

const merged = new WeakMap<object, [number, number][]>()
/** Merged once for a search, not once for a row. */
function rangesOf(key: Extract<SearchKey, { key: 'uid' }>): [number, number][] {
  const known = merged.get(key) ?? mergedRanges(key.ranges)
  merged.set(key, known)
  return known
}
