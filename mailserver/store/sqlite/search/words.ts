import type { Statements } from '#kit/store/statements.ts'
import type { Tx } from '../tx.ts'

/**
 * The distinct words of the full-text index, in tables of their own. FTS5's vocabulary table says the same, but walks every posting to do so: at
 * 100,000 messages 0.3–0.6 s for each search of a part of a word. Words stay when their last message goes; they cost little and mislead nobody.
 */
export type WordTable = 'word' | 'file_word'

/** Words remembered as written, so that the usual ones of each new message cost no look-up; then forgotten and learned again (some 30 MB). */
const MAX_REMEMBERED = 300_000
const remembered = new WeakMap<Statements, Record<WordTable, Set<string>>>()

function knownOf(sql: Statements): Record<WordTable, Set<string>> {
  let known = remembered.get(sql)
  if (!known) {
    known = { word: new Set(), file_word: new Set() }
    remembered.set(sql, known)
  }
  return known
}

/** As the tokenizer unicode61 parts them: letters, numbers, private use. */
export const wordsOf = (folded: string): string[] => [...new Set(folded.match(/[\p{L}\p{N}\p{Co}]+/gu))]

export function addWords(tx: Tx, table: WordTable, words: Iterable<string>): void {
  const known = knownOf(tx.sql)[table]
  for (const word of words) {
    if (known.has(word) || tx.words[table].has(word)) continue
    tx.sql.run(`insert or ignore into ${table} (word) values (?)`, word)
    tx.words[table].add(word)
  }
}

/** After the commit, never before: a group that is rolled back has written nothing. */
export function rememberWords(tx: Tx): void {
  const known = knownOf(tx.sql)
  for (const table of ['word', 'file_word'] as const) {
    if (known[table].size > MAX_REMEMBERED) known[table].clear()
    for (const word of tx.words[table]) known[table].add(word)
  }
}
