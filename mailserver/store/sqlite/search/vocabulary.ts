import type { Statements } from '#kit/store/statements.ts'
import type { WordTable } from './words.ts'

/** Words taken from the table between two pauses: some milliseconds. */
const WORDS_EACH = 20_000
/** Octets looked through between two pauses: about a millisecond. */
const OCTETS_EACH = 1024 * 1024
/** A vocabulary that strangers have filled with random words is not looked through to its end: then the messages are. */
const MAX_WORDS = 3_000_000
/** Nobody has searched for this long: the memory is given back, some 10 MB for each million words and thread. */
const KEPT_MS = 10 * 60_000
const SPACE = 0x20

/** Work that lets others run wherever it yields. */
export type Pausing<T> = Generator<undefined, T>

type Chunk = { octets: Buffer; words: number }

/**
 * A table of words as this thread last saw it, a space before and after each. The table only grows, so a search reads what came since the
 * last one and looks through octets: a million words take some 5 ms in place of 80 in SQL.
 */
class Vocabulary {
  readonly #sql: Statements
  readonly #table: WordTable
  #chunks: Chunk[] = []
  #last = 0
  #words = 0
  #forget: NodeJS.Timeout | undefined

  constructor(sql: Statements, table: WordTable) {
    this.#sql = sql
    this.#table = table
  }

  /** Distinct words that end with the fragment, or hold it anywhere; undefined when they, or all words, are too many. */
  *find(fragment: string, atEnd: boolean, most: number): Pausing<string[] | undefined> {
    this.#forget ??= setTimeout(() => this.#drop(), KEPT_MS).unref()
    this.#forget.refresh()
    yield* this.#catchUp()
    if (this.#words > MAX_WORDS) return undefined
    const wanted = Buffer.from(atEnd ? `${fragment} ` : fragment)
    const found = new Set<string>()
    let looked = 0
    for (const { octets } of [...this.#chunks]) {
      for (let at = octets.indexOf(wanted); at !== -1; ) {
        const end = octets.indexOf(SPACE, at)
        found.add(octets.toString('utf8', octets.lastIndexOf(SPACE, at) + 1, end))
        if (found.size > most) return undefined
        at = octets.indexOf(wanted, end)
      }
      looked += octets.length
      if (looked < OCTETS_EACH) continue
      looked = 0
      yield
    }
    return [...found]
  }

  /** Each step is whole by itself: another search of this thread may go on in the same pause. */
  *#catchUp(): Pausing<void> {
    while (this.#words <= MAX_WORDS) {
      const slice = this.#sql.one<{ last: number | null; n: number; words: string | null }>(
        `select max(n) as last, count(*) as n, group_concat(word, ' ') as words
         from (select n, word from ${this.#table} where n > ? order by n limit ${WORDS_EACH})`,
        this.#last,
      )
      if (slice.last !== null) this.#add(slice.words!, slice.n, slice.last)
      if (slice.n < WORDS_EACH) return
      yield
    }
  }

  #add(words: string, n: number, last: number): void {
    const open = this.#chunks.at(-1)
    if (open && open.words < WORDS_EACH) {
      open.octets = Buffer.concat([open.octets, Buffer.from(`${words} `)])
      open.words += n
    } else this.#chunks.push({ octets: Buffer.from(` ${words} `), words: n })
    this.#last = last
    this.#words += n
  }

  #drop(): void {
    this.#chunks = []
    this.#last = 0
    this.#words = 0
    this.#forget = undefined
  }
}

const known = new WeakMap<Statements, Record<WordTable, Vocabulary>>()

/** Of one connection, which is one thread's. */
export function vocabularyOf(sql: Statements, table: WordTable): Vocabulary {
  let tables = known.get(sql)
  if (!tables) {
    tables = { word: new Vocabulary(sql, 'word'), file_word: new Vocabulary(sql, 'file_word') }
    known.set(sql, tables)
  }
  return tables[table]
}
