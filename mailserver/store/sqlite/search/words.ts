import type { Statements } from '#kit/store/statements.ts'
import type { Tx } from '../tx.ts'
import { WordSet } from './wordset.ts'

/**
 * The words of the full-text indexes in tables of their own, in the order in which they came. FTS5's vocabulary says the same, but walks
 * every posting to do so: at 100,000 messages 0.3–0.6 s for each search of a part of a word. They are only appended, since a sorted
 * table would cost a page of the log for every new word; so a rare word may stand there twice. Words stay when their last
 * message goes; they cost little and mislead nobody.
 */
export type WordTable = 'word' | 'file_word'

/** Words that the writer remembers, so as not to write them again: the oldest, which are the usual ones. Some 10 MB. */
const MAX_REMEMBERED = 300_000
const remembered = new WeakMap<Statements, Record<WordTable, WordSet>>()

function knownOf(sql: Statements): Record<WordTable, WordSet> {
  let known = remembered.get(sql)
  if (!known) {
    const oldest = (table: WordTable) => {
      const words = new WordSet()
      for (const [word] of sql.arrays<[string]>(`select word from ${table} order by n limit ${MAX_REMEMBERED}`))
        words.add(word)
      return words
    }
    known = { word: oldest('word'), file_word: oldest('file_word') }
    remembered.set(sql, known)
  }
  return known
}

/** Writes down the words of folded texts, those that are new. */
export function addWords(tx: Tx, table: WordTable, ...texts: readonly string[]): void {
  const known = knownOf(tx.sql)[table]
  const found = new Set<string>()
  for (const text of texts) known.unknownOf(text, found)
  for (const word of found) {
    if (tx.words[table].has(word)) continue
    tx.sql.run(`insert into ${table} (word) values (?)`, word)
    tx.words[table].add(word)
  }
}

/** After the commit, never before: a group that is rolled back has written nothing. */
export function rememberWords(tx: Tx): void {
  const known = knownOf(tx.sql)
  for (const table of ['word', 'file_word'] as const)
    for (const word of tx.words[table]) if (known[table].size < MAX_REMEMBERED) known[table].add(word)
}
