/**
 * The full-text index is written some moments after the messages, for many of them at once: one transaction for a hundred letters costs little more
 * than half of one for each, and nobody waits for it before an answer. What waits is noted in the transaction that brought it
 * (`unindexed`), so a stop in between loses nothing, and searches read the texts of what waits themselves (search/narrow.ts).
 */
import type { Statements } from '#kit/store/statements.ts'
import { foldLines } from './folding.ts'
import { prefixOf } from './prefixes.ts'
import { indexedHeader } from './search/opaque.ts'
import { addWords } from './search/words.ts'
import type { Tx } from './tx.ts'

/** Contents in one step, and characters of their texts: some 10 ms of the writer. */
const STEP = 125
const STEP_CHARACTERS = 512 * 1024
/** Searches read what waits, so it is not let grow beyond this many although jobs wait too, */
const MOST_WAITING = 2 * STEP
/** nor become older than this while the writer is never idle. */
const LONGEST_WAIT_MS = 1000
/** After a failure (a full disk): trying at every commit would only slow them. */
const AFTER_FAILURE_MS = 60_000

/** The full-text row of the content is to be written: for the first time, or again since another account has it now. */
export function noteUnindexed(tx: Tx, content: number): void {
  if (tx.unindexed.has(content)) return
  tx.sql.run('insert or ignore into unindexed (content) values (?)', content)
  tx.unindexed.add(content)
}

export function dropIndexed(tx: Tx, content: number): void {
  tx.sql.run('delete from unindexed where content = ?', content)
  tx.sql.run('delete from fts where rowid = ?', content)
  tx.unindexed.delete(content)
}

/** The token that stands for an account in the full-text index; folded text never holds "ŧ". */
export const accountToken = (account: number): string => `ŧ${account}`

/** One step. @returns whether there was anything to do */
export function writeIndex(tx: Tx): boolean {
  const waiting = tx.sql.all<{ content: number }>(`select content from unindexed order by content limit ${STEP}`)
  let characters = 0
  let last: number | undefined
  for (const { content } of waiting) {
    characters += indexOne(tx, content)
    last = content
    if (characters >= STEP_CHARACTERS) break
  }
  if (last === undefined) return false
  tx.sql.run('delete from unindexed where content <= ?', last)
  return true
}

/**
 * One row for each distinct body, with a token for each account that has it, and the recipients' own header lines beside the
 * shared ones. @returns characters
 */
function indexOne(tx: Tx, content: number): number {
  tx.sql.run('delete from fts where rowid = ?', content)
  const held = tx.sql.all<{ account: number; prefix: Uint8Array }>(
    `select b.account, ${prefixOf} as prefix from message m join mailbox b on b.id = m.mailbox where m.content = ?`,
    content,
  )
  if (held.length === 0) return 0
  const { header, text, indexed } = tx.sql.one<{ header: string; text: string; indexed: number | null }>(
    `select folded_header as header, coalesce(substr(folded_text, 1, indexed_text), folded_text) as text, indexed_header as indexed
     from body where content = ?`,
    content,
  )
  const accounts = [...new Set(held.map((h) => accountToken(h.account)))].join(' ')
  const prefixes = [...new Set(held.map((h) => Buffer.from(h.prefix).toString()))].map(foldLines).join('\n')
  const told = `${indexedHeader(header).slice(0, indexed ?? undefined)}\n${indexedHeader(prefixes)}`
  addWords(tx, 'word', told, text)
  tx.sql.run('insert into fts (rowid, account, header, text) values (?, ?, ?, ?)', content, accounts, told, text)
  return told.length + text.length
}

/** When a writer that is never idle must write the index. */
export class IndexDue {
  #waiting: number
  #since = performance.now()
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(sql: Statements) {
    this.#waiting = sql.one<{ n: number }>('select count(*) as n from unindexed').n
  }

  /** A transaction has noted so many. */
  noted(contents: number): void {
    if (this.#waiting === 0) this.#since = performance.now()
    this.#waiting += contents
  }

  /** @param some what the step said: nothing waited when it found nothing */
  written(some: boolean): void {
    this.#waiting = some ? Math.max(0, this.#waiting - STEP) : 0
    this.#since = performance.now()
  }

  failed(): void {
    this.#notBefore = performance.now() + AFTER_FAILURE_MS
  }

  get waiting(): boolean {
    return this.#waiting > 0
  }

  /** @param busy jobs wait already for the step to end */
  isNow(busy: boolean): boolean {
    if (this.#waiting === 0) return false
    const now = performance.now()
    if (now < this.#notBefore) return false
    return this.#waiting >= (busy ? MOST_WAITING : STEP) || now - this.#since >= LONGEST_WAIT_MS
  }
}
