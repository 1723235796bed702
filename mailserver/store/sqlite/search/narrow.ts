import type { Statements } from '#kit/store/statements.ts'
import type { SearchKey } from '../../port.ts'
import { OVERLAP } from '../files.ts'
import { accountToken } from '../indexing.ts'
import { needleOf } from './needle.ts'
import { isOpaque } from './opaque.ts'
import { type Pausing, vocabularyOf } from './vocabulary.ts'
import type { WordTable } from './words.ts'

/**
 * The full-text index knows words, IMAP asks for substrings. So the first and the last fragment of a needle are widened to
 * the words of the vocabulary that end or begin with them; the index then gives contents that may match, and the stored
 * text decides. A fragment that fits more words than this narrows nothing worth its cost.
 */
const MAX_WIDENED = 200

/** Phrases asked for at once; with more the fragments are asked for one by one, and the texts decide the rest. */
const MAX_PHRASES = 20

/**
 * Words of a phrase that the index is asked for, up to the first that comes again: the index looks at all places of each word in a text,
 * so at each place of a text once. The texts decide the rest.
 */
const MAX_PHRASE_WORDS = 12
function phraseOf(fragments: readonly string[]): string[] {
  const first = fragments.slice(0, MAX_PHRASE_WORDS)
  const again = first.findIndex((word, at) => first.indexOf(word) < at)
  return again === -1 ? first : first.slice(0, again)
}

/**
 * What one search has asked already, and asks once, however many mailboxes it looks through. Looking through the vocabulary costs the
 * most and is the same for every account.
 */
export type Asked = {
  queries: Map<string, string>
  /**
   * Contents with more words than the index has, and those that wait for their row in it: they are always among those that may match. Asked
   * before anything else, since the index may be written between two slices of the search.
   */
  unsure?: readonly number[]
}
export const newAsked = (): Asked => ({ queries: new Map() })

function* remembered({ queries }: Asked, sql: Statements, folded: string, words: WordTable): Pausing<string> {
  const name = `${words} ${folded}`
  const query = queries.get(name) ?? (yield* ftsQuery(sql, folded, words))
  queries.set(name, query)
  return query
}

/** Contents that may match, or undefined when the index cannot say: then every message must be looked at. Pauses between slices of work. */
export function* narrow(
  sql: Statements,
  account: number,
  key: SearchKey,
  asked: Asked = newAsked(),
): Pausing<Set<number> | undefined> {
  switch (key.key) {
    case 'and': {
      let all: Set<number> | undefined
      for (const k of key.of) {
        const s = yield* narrow(sql, account, k, asked)
        if (s) all = all ? all.intersection(s) : s
        yield
      }
      return all
    }
    case 'or': {
      let all = new Set<number>()
      for (const k of key.of) {
        const s = yield* narrow(sql, account, k, asked)
        if (!s) return undefined
        all = all.union(s)
        yield
      }
      return all
    }
    case 'header':
      return isOpaque(key.name) ? undefined : yield* find(sql, account, 'header', key.value, asked)
    case 'body':
      return yield* withFiles(sql, key.value, yield* find(sql, account, 'text', key.value, asked), asked)
    case 'text':
      return yield* withFiles(sql, key.value, yield* find(sql, account, '{header text}', key.value, asked), asked)
    default:
      return undefined
  }
}

const contents = (sql: Statements, query: string): number[] => sql.all<{ content: number }>(query).map((r) => r.content)

/** Also those with a file that may say it. The index of files knows no accounts: who may see what is asked of the messages. */
function* withFiles(
  sql: Statements,
  value: string,
  found: Set<number> | undefined,
  asked: Asked,
): Pausing<Set<number> | undefined> {
  if (!found) return undefined
  const { folded } = needleOf(value)
  const query = folded.length > OVERLAP ? 'anything' : yield* remembered(asked, sql, folded, 'file_word')
  const all = new Set(found)
  if (query === 'anything')
    for (const content of contents(sql, 'select distinct content from content_file where file is not null'))
      all.add(content)
  else if (query !== 'nothing')
    for (const { content } of sql.all<{ content: number }>(
      `select distinct content from content_file where file in (select rowid / 64 from file_fts where file_fts match ?)`,
      query,
    ))
      all.add(content)
  const partly =
    'select distinct f.content from file p join content_file f on f.file = p.id where p.indexed is not null'
  for (const content of contents(sql, partly)) all.add(content)
  return all
}

function* find(
  sql: Statements,
  account: number,
  columns: string,
  value: string,
  asked: Asked,
): Pausing<Set<number> | undefined> {
  asked.unsure ??= contents(sql, 'select content from partial union select content from unindexed')
  const query = yield* remembered(asked, sql, needleOf(value).folded, 'word')
  if (query === 'anything') return undefined
  if (query === 'nothing') return new Set(asked.unsure)
  const { list } = sql.one<{ list: string | null }>(
    'select group_concat(rowid) as list from fts where fts match ?',
    `account : "${accountToken(account)}" AND ${columns} : (${query})`,
  )
  return new Set([...asked.unsure, ...(list === null ? [] : list.split(',').map(Number))])
}

/** Only for ASCII needles: there our idea of a word and the tokenizer's are surely the same. ASCII text is what Vietnamese folds to. */
function* ftsQuery(sql: Statements, folded: string, words: WordTable): Pausing<string | 'anything' | 'nothing'> {
  if (!/^[\x20-\x7e]*$/.test(folded)) return 'anything'
  const pieces = folded.split(/[^a-z0-9]+/)
  const all = pieces.filter((w) => w !== '')
  if (all.length === 0) return 'anything'
  const fragments = phraseOf(all)
  const begins = pieces[0] === '' // a sign stands before the first fragment: it begins a word
  const ends = pieces.at(-1) === '' || fragments.length < all.length
  const first = fragments[0]!
  if (fragments.length === 1) {
    if (begins) return ends ? `"${first}"` : `"${first}" *`
    return oneOf(yield* vocabularyOf(sql, words).find(first, ends, MAX_WIDENED))
  }
  const rest = `"${fragments.slice(1).join(' ')}"${ends ? '' : ' *'}`
  if (begins) return `"${fragments.join(' ')}"${ends ? '' : ' *'}`
  const heads = yield* vocabularyOf(sql, words).find(first, true, MAX_WIDENED)
  if (heads && heads.length > 0 && heads.length <= MAX_PHRASES)
    return heads.map((h) => `"${[h, ...fragments.slice(1)].join(' ')}"${ends ? '' : ' *'}`).join(' OR ')
  const begun = oneOf(heads)
  if (begun === 'nothing') return begun
  return begun === 'anything' ? rest : `(${begun}) AND ${rest}`
}

function oneOf(words: string[] | undefined): string | 'anything' | 'nothing' {
  if (!words) return 'anything'
  return words.length === 0 ? 'nothing' : words.map((w) => `"${w.replaceAll('"', '""')}"`).join(' OR ')
}
