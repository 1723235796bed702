/**
 * What is typed into the search field, as a value: words, "phrases", and operators that officials read ("từ: Hà", "sau: 1/11/2026").
 * Operators may be written without marks. Nothing is an error: what cannot be read is said in `unread` and left out.
 */
import { localDate, readDate, zone } from '#kit/vi/dates.ts'
import { fold } from '#kit/vi/fold.ts'

/** More is pasted text, not a search. */
const longestQuery = 200
const mostWords = 12

export type SearchQuery = {
  words: string[]
  /** neighbours as one, for the order of the results */
  phrases: string[]
  from?: string
  to?: string
  subject?: string
  /** "": with any file */
  file?: string
  /** instants */
  since?: string
  before?: string
  /** name of a folder, as typed */
  within?: string
  unread: string[]
}

type Operator = 'from' | 'to' | 'subject' | 'file' | 'since' | 'before' | 'within'
const operators = new Map<string, Operator>(
  Object.entries({
    tu: 'from',
    den: 'to',
    'tieu de': 'subject',
    'chu de': 'subject',
    'co tep': 'file',
    tep: 'file',
    sau: 'since',
    truoc: 'before',
    trong: 'within',
  }) as [string, Operator][],
)
const operator = /^(tiêu đề|chủ đề|có tệp|[\p{L}\p{M}]+(?: [\p{L}\p{M}]+)?):/iu

export function readQuery(typed: string, now: string): SearchQuery {
  const query: SearchQuery = { words: [], phrases: [], unread: [] }
  let rest = typed.normalize('NFC').slice(0, longestQuery).replaceAll(/[“”„]/g, '"').trimStart()
  let together: string[] = []
  const endPhrase = () => {
    if (together.length > 0) query.phrases.push(together.join(' '))
    together = []
  }
  while (rest !== '') {
    const named = readOperator(rest)
    if (named) {
      endPhrase()
      rest = apply(query, named.name, rest.slice(named.length), now)
      continue
    }
    const { value, quoted, length } = readValue(rest)
    rest = rest.slice(length).trimStart()
    if (value === '' || query.words.length >= mostWords) continue
    query.words.push(value)
    if (quoted) {
      endPhrase()
      query.phrases.push(value)
    } else together.push(value)
  }
  endPhrase()
  return query
}

/** Two words are tried before one: "có tệp:" is not the word có and "tệp:". */
function readOperator(rest: string): { name: Operator; length: number } | undefined {
  const found = operator.exec(rest)
  if (!found) return undefined
  const name = operators.get(fold(found[1]!))
  return name && { name, length: found[0].length }
}

/** @returns what follows */
function apply(query: SearchQuery, name: Operator, after: string, now: string): string {
  // "có tệp: báo cáo" asks for any file and two words; a name stands right behind the colon
  if (name === 'file' && (after === '' || /^\s/.test(after))) {
    query.file ??= ''
    return after.trimStart()
  }
  const { value, length } = readValue(after.trimStart())
  const rest = after.trimStart().slice(length).trimStart()
  if (value === '') return rest
  if (name === 'since' || name === 'before') {
    const at = dayStart(value, now)
    if (at === undefined) query.unread.push(value)
    else query[name] = at
  } else query[name] = value
  return rest
}

function readValue(rest: string): { value: string; quoted: boolean; length: number } {
  if (rest.startsWith('"')) {
    const end = rest.indexOf('"', 1)
    const value = rest.slice(1, end < 0 ? undefined : end)
    return { value: value.trim(), quoted: true, length: end < 0 ? rest.length : end + 1 }
  }
  const value = /^\S+/.exec(rest)?.[0] ?? ''
  return { value: value.replaceAll('"', ''), quoted: false, length: value.length }
}

/** 5/11/2026, 5/11 (of this year), 11/2026, 2026, hôm nay is not: a word has no space here. */
function dayStart(typed: string, now: string): string | undefined {
  const year = localDate(now).slice(0, 4)
  const [whole, month, y] = /^(?:(\d{1,2})[/.-])?(\d{4})$/.exec(typed) ?? []
  const day = whole !== undefined ? readDate(`1/${month ?? 1}/${y}`) : (readDate(typed) ?? readDate(`${typed}/${year}`))
  if (day === undefined) return undefined
  return Temporal.PlainDate.from(day).toZonedDateTime(zone).toInstant().toString()
}
