import type { Statements } from '#kit/store/statements.ts'
import { fold, markedForm } from '#kit/vi/fold.ts'
import type { Passage } from '../../port.ts'
import { prefixOf } from '../prefixes.ts'
import { fileText } from './files.ts'
import { holds, type Needle, needleOf, prefixLines } from './needle.ts'
import { indexedHeader } from './opaque.ts'

/** Characters shown before and after what was found: two lines of a list. */
const BEFORE = 60
const AFTER = 110
/** Places of one text that are tried for marks. */
const MAX_TRIES = 200

type Stored = {
  content: number
  prefix: Uint8Array
  header: string
  foldedHeader: string
  text: string
  foldedText: string
}
type Named = { name: string; foldedName: string; file: number | null }

function load(sql: Statements, message: number): { stored: Stored; files: Named[] } | undefined {
  const stored = sql.get<Stored>(
    `select m.content, ${prefixOf} as prefix, b.header, b.folded_header as foldedHeader, b.text, b.folded_text as foldedText
     from message m join body b on b.content = m.content where m.id = ?`,
    message,
  )
  if (!stored) return undefined
  const files = sql.all<Named>(
    'select name, folded_name as foldedName, file from content_file where content = ? order by part',
    stored.content,
  )
  return { stored, files }
}

/** One place for each value, the telling ones first: subject, names of files, the letter's text, what its files say, the rest of the header. */
export function passagesOf(sql: Statements, message: number, values: readonly string[]): Passage[] {
  const loaded = load(sql, message)
  if (!loaded) return []
  return values.map((value) => {
    const asTyped = place(sql, loaded, needleOf(value))
    // nowhere with these marks: then where it stands with any
    return asTyped.where === 'header' ? place(sql, loaded, needleOf(fold(value))) : asTyped
  })
}

function place(sql: Statements, { stored, files }: NonNullable<ReturnType<typeof load>>, needle: Needle): Passage {
  const subject = line(stored.foldedHeader, 'subject')
  if (
    subject !== undefined &&
    holds({ folded: () => subject, exact: () => line(stored.header, 'subject') ?? '' }, needle)
  )
    return { where: 'subject' }
  for (const f of files)
    if (holds({ folded: () => f.foldedName, exact: () => f.name }, needle)) return { where: 'file-name', file: f.name }
  const own = excerpt(stored.text, stored.foldedText, needle)
  if (own) return { where: 'text', excerpt: own }
  for (const f of files) {
    if (f.file === null) continue
    const text = fileText(sql, f.file)
    const folded = text.folded()
    const found = folded.includes(needle.folded)
      ? excerpt(text.exact().replaceAll(/\s+/g, ' '), folded, needle)
      : undefined
    if (found) return { where: 'file', file: f.name, excerpt: found }
  }
  return { where: 'header' }
}

const line = (header: string, name: string): string | undefined =>
  header
    .split('\n')
    .find((l) => l.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)

/** Folds letter by letter, so that a place in the folded text is a place in the text. */
function excerpt(text: string, foldedText: string, needle: Needle): Passage['excerpt'] | undefined {
  if (needle.folded === '' || !foldedText.includes(needle.folded)) return undefined
  let folded = ''
  const places: number[] = []
  let tries = 0
  let from = 0
  let at = 0
  for (const letter of text) {
    const f = /\s/.test(letter) ? (folded.endsWith(' ') ? '' : ' ') : fold(letter)
    for (let i = 0; i < f.length; i++) places.push(at)
    folded += f
    at += letter.length
    // looked at now and then, so that what stands early costs little
    if (places.length - from < 4096 && at < text.length) continue
    for (let hit = folded.indexOf(needle.folded, from); hit >= 0; hit = folded.indexOf(needle.folded, hit + 1)) {
      const last = hit + needle.folded.length
      if (last >= places.length && at < text.length) break
      const [start, end] = [places[hit]!, places[last] ?? text.length]
      const found = text.slice(start, end)
      if (needle.marked === undefined || needle.marked.test(markedForm(found.replaceAll(/\s+/g, ' '))))
        return around(text, start, end)
      if (++tries > MAX_TRIES) return around(text, start, end)
    }
    from = Math.max(0, folded.length - needle.folded.length)
  }
  return undefined
}

function around(text: string, start: number, end: number): NonNullable<Passage['excerpt']> {
  const one = (s: string) => s.replaceAll(/\s+/g, ' ')
  const before = text.slice(Math.max(0, start - BEFORE), start)
  const after = text.slice(end, end + AFTER)
  return {
    before: one(start > BEFORE ? before.replace(/^\S*\s/, '… ') : before),
    found: one(text.slice(start, end)),
    after: one(end + AFTER < text.length ? after.replace(/\s\S*$/, ' …') : after),
  }
}

/** As typed, whatever the case: a word without marks then is one without marks. */
export function saysExactly(sql: Statements, message: number, values: readonly string[]): boolean {
  const loaded = load(sql, message)
  if (!loaded) return false
  const { stored, files } = loaded
  const one = (text: string) => markedForm(text).replaceAll(/\s+/g, ' ')
  let own: string | undefined
  return values.every((value) => {
    const typed = one(value).trim()
    own ??= one(`${indexedHeader(stored.header)}\n${prefixLines(stored.prefix)}\n${stored.text}`)
    if (own.includes(typed)) return true
    const folded = fold(value)
    return files.some((f) => {
      if (f.file === null) return false
      const text = fileText(sql, f.file)
      return text.folded().includes(folded) && one(text.exact()).includes(typed)
    })
  })
}
