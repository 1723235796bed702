import type { Statements } from '#kit/store/statements.ts'
import type { SearchKey } from '../../port.ts'
import { accountToken } from '../contents.ts'
import { OVERLAP } from '../files.ts'
import { needleOf } from './needle.ts'
import { isOpaque } from './opaque.ts'

/**
 * The full-text index knows words, IMAP asks for substrings. So the first and the last fragment of a needle are widened to
 * the words of the vocabulary that end or begin with them; the index then gives contents that may match, and the stored
 * text decides. A fragment that fits more words than this narrows nothing worth its cost (60–95 ms at 200,000 words).
 */
const MAX_WIDENED = 200

/** Looking through the vocabulary costs the most and is the same for every account: a search over many mailboxes does it once. */
export type Queries = Map<string, string>

function remembered(queries: Queries, sql: Statements, folded: string, words: Vocabulary): string {
  const name = `${words} ${folded}`
  const query = queries.get(name) ?? ftsQuery(sql, folded, words)
  queries.set(name, query)
  return query
}

/** Contents that may match, or undefined when the index cannot say: then every message must be looked at. */
export function narrow(
  sql: Statements,
  account: number,
  key: SearchKey,
  queries: Queries = new Map(),
): Set<number> | undefined {
  switch (key.key) {
    case 'and':
      return key.of
        .map((k) => narrow(sql, account, k, queries))
        .filter((s) => s !== undefined)
        .reduce<Set<number> | undefined>((all, s) => (all ? all.intersection(s) : s), undefined)
    case 'or': {
      let all = new Set<number>()
      for (const k of key.of) {
        const s = narrow(sql, account, k, queries)
        if (!s) return undefined
        all = all.union(s)
      }
      return all
    }
    case 'header':
      return isOpaque(key.name) ? undefined : find(sql, account, 'header', key.value, queries)
    case 'body':
      return withFiles(sql, key.value, find(sql, account, 'text', key.value, queries), queries)
    case 'text':
      return withFiles(sql, key.value, find(sql, account, '{header text}', key.value, queries), queries)
    default:
      return undefined
  }
}

/** Contents with more words than the index has are always among those that may match. */
function unsure(sql: Statements, query: string): number[] {
  return sql.all<{ content: number }>(query).map((r) => r.content)
}

/** Also those with a file that may say it. The index of files knows no accounts: who may see what is asked of the messages. */
function withFiles(
  sql: Statements,
  value: string,
  found: Set<number> | undefined,
  queries: Queries,
): Set<number> | undefined {
  if (!found) return undefined
  const { folded } = needleOf(value)
  const query = folded.length > OVERLAP ? 'anything' : remembered(queries, sql, folded, 'file_vocabulary')
  if (query === 'anything') return undefined
  const all = new Set(found)
  if (query !== 'nothing')
    for (const { content } of sql.all<{ content: number }>(
      `select distinct content from content_file where file in (select rowid / 64 from file_fts where file_fts match ?)`,
      query,
    ))
      all.add(content)
  const partly =
    'select distinct f.content from file p join content_file f on f.file = p.id where p.indexed is not null'
  for (const content of unsure(sql, partly)) all.add(content)
  return all
}

function find(
  sql: Statements,
  account: number,
  columns: string,
  value: string,
  queries: Queries,
): Set<number> | undefined {
  const query = remembered(queries, sql, needleOf(value).folded, 'vocabulary')
  if (query === 'anything') return undefined
  const partly = unsure(sql, 'select content from partial')
  if (query === 'nothing') return new Set(partly)
  const { list } = sql.one<{ list: string | null }>(
    'select group_concat(rowid) as list from fts where fts match ?',
    `account : "${accountToken(account)}" AND ${columns} : (${query})`,
  )
  return new Set([...partly, ...(list === null ? [] : list.split(',').map(Number))])
}

type Vocabulary = 'vocabulary' | 'file_vocabulary'

/**
 * Only for ASCII needles: there our idea of a word and the tokenizer's are surely the same. ASCII text is what Vietnamese folds to.
 * Exported for its tests.
 */
export function ftsQuery(
  sql: Statements,
  folded: string,
  words: Vocabulary = 'vocabulary',
): string | 'anything' | 'nothing' {
  if (!/^[\x20-\x7e]*$/.test(folded)) return 'anything'
  const pieces = folded.split(/[^a-z0-9]+/)
  const fragments = pieces.filter((w) => w !== '')
  if (fragments.length === 0) return 'anything'
  const begins = pieces[0] === '' // a sign stands before the first fragment: it begins a word
  const ends = pieces.at(-1) === ''
  const first = fragments[0]!
  if (fragments.length === 1) {
    if (begins) return ends ? `"${first}"` : `"${first}" *`
    return oneOf(widen(sql, words, first, ends))
  }
  const rest = `"${fragments.slice(1).join(' ')}"${ends ? '' : ' *'}`
  if (begins) return `"${fragments.join(' ')}"${ends ? '' : ' *'}`
  const heads = oneOf(widen(sql, words, first, true))
  if (heads === 'nothing') return heads
  return heads === 'anything' ? rest : `(${heads}) AND ${rest}`
}

function oneOf(words: string[] | undefined): string | 'anything' | 'nothing' {
  if (!words) return 'anything'
  return words.length === 0 ? 'nothing' : words.map((w) => `"${w.replaceAll('"', '""')}"`).join(' OR ')
}

/** Words of the index that end with the fragment, or hold it anywhere; undefined when they are too many. */
function widen(sql: Statements, words: Vocabulary, fragment: string, atEnd: boolean): string[] | undefined {
  const rows = atEnd
    ? sql.all<{ term: string }>(
        `select term from ${words} where substr(term, -?1) = ?2 and term not glob 'ŧ*' limit ${MAX_WIDENED + 1}`,
        fragment.length,
        fragment,
      )
    : sql.all<{ term: string }>(
        `select term from ${words} where instr(term, ?) > 0 and term not glob 'ŧ*' limit ${MAX_WIDENED + 1}`,
        fragment,
      )
  return rows.length > MAX_WIDENED ? undefined : rows.map((r) => r.term)
}
