/**
 * Maildir++ as Dovecot and Courier read it: the root is INBOX, ".Sent.2025" is Sent/2025 (levels in modified UTF-7), flags stand in
 * the file's name and keywords in dovecot-keywords, the file's time is INTERNALDATE. Lines end with LF. A message's file is named
 * by UIDVALIDITY and UID, and is whole before it lies in cur: whoever exports again adds what is new, and renames where flags differ.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeUtf7 } from '#mailserver/imap/parse/utf7.ts'
import { isKeyword, withLf } from '../import/found.ts'
import type { Folder, Row } from './source.ts'

const letterOf: Record<string, string> = {
  '\\Draft': 'D',
  '\\Flagged': 'F',
  $Forwarded: 'P',
  '\\Answered': 'R',
  '\\Seen': 'S',
  '\\Deleted': 'T',
}
/** letters a to z */
const mostKeywords = 26
const rowsTogether = 1_000

/** A dot would begin the next level. */
export const maildirPath = (folder: string): string =>
  folder === 'INBOX'
    ? ''
    : folder
        .split('/')
        .map((level) => `.${encodeUtf7(level).replaceAll('.', '&AC4-')}`)
        .join('')

/** @returns `keywords`: flags that found no letter any more, and are not in the file's names */
export async function writeMaildir(
  folder: Folder,
  { path, uidValidity }: { path: string; uidValidity: number },
  root: string,
): Promise<{ messages: number; octets: number; keywords: string[] }> {
  const at = join(root, maildirPath(path))
  for (const sub of ['cur', 'new', 'tmp']) mkdirSync(join(at, sub), { recursive: true, mode: 0o700 })
  if (path !== 'INBOX') writeFileSync(join(at, 'maildirfolder'), '')
  const there = new Map(
    ['new', 'cur'].flatMap((sub) => readdirSync(join(at, sub)).map((name) => [base(name), `${sub}/${name}`])),
  )
  const keywords = new Keywords(join(at, 'dovecot-keywords'))
  const sum = { messages: 0, octets: 0 }
  const write = async (rows: readonly Row[]) => {
    const missing: Row[] = []
    for (const row of rows) {
      const known = there.get(nameOf(row, uidValidity))
      if (known === undefined) missing.push(row)
      else moveTo(join(at, known), row)
    }
    for await (const message of folder.messages(missing)) {
      const name = nameOf(message, uidValidity)
      const octets = withLf(message.raw)
      writeFileSync(join(at, 'tmp', name), octets, { mode: 0o600 })
      utimesSync(join(at, 'tmp', name), message.at, message.at)
      moveTo(join(at, 'tmp', name), message)
      sum.messages++
      sum.octets += message.raw.length
    }
  }
  const moveTo = (file: string, row: Row) => {
    const letters = [...new Set(row.flags.flatMap((flag) => letterOf[flag] ?? keywords.letterOf(flag)))].sort().join('')
    const to = join(at, 'cur', `${nameOf(row, uidValidity)}:2,${letters}`)
    if (file !== to) renameSync(file, to)
  }
  let rows: Row[] = []
  for await (const row of folder.rows()) {
    rows.push(row)
    if (rows.length < rowsTogether) continue
    await write(rows)
    rows = []
  }
  await write(rows)
  return { ...sum, keywords: [...keywords.left] }
}

const nameOf = ({ uid, at }: Row, uidValidity: number): string =>
  `${Math.floor(at.getTime() / 1000)}.V${uidValidity}U${uid}.congso`
const base = (name: string): string => name.replace(/:2,.*$/, '')

/** Lines "0 $Forwarded", kept from one export to the next: a letter means the same for ever. */
class Keywords {
  readonly #file: string
  readonly #known: string[] = []
  readonly left = new Set<string>()

  constructor(file: string) {
    this.#file = file
    if (!existsSync(file)) return
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [, n, name] = /^(\d{1,2}) (\S+)$/.exec(line) ?? []
      if (name !== undefined) this.#known[Number(n)] = name
    }
  }

  /** Written before a name has the letter. */
  letterOf(keyword: string): string | [] {
    let n = this.#known.indexOf(keyword)
    if (n === -1) {
      if (this.#known.length >= mostKeywords || !isKeyword(keyword)) {
        this.left.add(keyword)
        return []
      }
      n = this.#known.push(keyword) - 1
      const lines = this.#known.map((name, i) => `${i} ${name}\n`).join('')
      writeFileSync(`${this.#file}.part`, lines)
      renameSync(`${this.#file}.part`, this.#file)
    }
    return String.fromCharCode(97 + n)
  }
}
