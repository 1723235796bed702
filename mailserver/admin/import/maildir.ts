/**
 * Maildir++ as Dovecot and Courier keep it: the root is INBOX, ".Sent.2025" is Sent/2025, flags are in the file's name and keywords in
 * dovecot-keywords; also folders in folders (Dovecot's LAYOUT=fs). INTERNALDATE is the file's time, as Dovecot has it.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { decodeUtf7 } from '#mailserver/imap/parse/utf7.ts'
import { type FoundMessage, isKeyword, withCrlf } from './found.ts'

/** RFC 9051 allows levels without end; a file system does not. */
const maxDepth = 32
const flagOf: Record<string, string> = {
  S: '\\Seen',
  R: '\\Answered',
  F: '\\Flagged',
  D: '\\Draft',
  T: '\\Deleted',
  P: '$Forwarded',
}

/** @throws Error when the folder is no Maildir */
export function* readMaildir(root: string, maxOctets: number): Generator<FoundMessage> {
  const all = [...folders(root)]
  if (all.length === 0) throw new Error(`${root} is no Maildir: there is no folder cur`)
  for (const { path, folder } of all) yield* messages(path, folder, maxOctets)
}

function* folders(root: string): Generator<{ path: string; folder: string }> {
  if (existsSync(join(root, 'cur'))) yield { path: root, folder: 'INBOX' }
  const below = function* (path: string, levels: string[]): Generator<{ path: string; folder: string }> {
    if (levels.length > maxDepth) return
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!entry.isDirectory() || ['cur', 'new', 'tmp'].includes(entry.name)) continue
      const at = join(path, entry.name)
      const dotted = entry.name.startsWith('.')
      const names = dotted ? entry.name.slice(1).split('.') : [entry.name]
      const here = [...levels, ...names.map((name) => decodeUtf7(name) ?? name)]
      if (existsSync(join(at, 'cur'))) yield { path: at, folder: here.join('/') }
      if (!dotted) yield* below(at, here)
    }
  }
  yield* below(root, [])
}

function* messages(path: string, folder: string, maxOctets: number): Generator<FoundMessage> {
  const keywords = keywordsOf(path)
  const files = ['cur', 'new'].flatMap((sub) =>
    existsSync(join(path, sub)) ? readdirSync(join(path, sub)).map((name) => join(path, sub, name)) : [],
  )
  // names begin with the second of their delivery; those before the sub-folder's name differ
  for (const file of files.sort((a, b) => (basename(a) < basename(b) ? -1 : 1))) {
    if (basename(file).startsWith('.')) continue
    const { size, mtime } = statSync(file)
    if (size > maxOctets) {
      yield { skipped: `larger than ${maxOctets} octets`, where: file }
      continue
    }
    let octets = readFileSync(file)
    try {
      if (octets[0] === 0x1f && octets[1] === 0x8b) octets = gunzipSync(octets, { maxOutputLength: maxOctets })
    } catch (err) {
      yield { skipped: `cannot be unpacked: ${(err as Error).message}`, where: file }
      continue
    }
    const raw = withCrlf(octets)
    if (raw.length === 0 || raw.length > maxOctets) yield { skipped: 'empty or too large', where: file }
    else yield { folder, raw, flags: flagsOf(basename(file), keywords), at: mtime, where: file }
  }
}

function flagsOf(name: string, keywords: readonly (string | undefined)[]): string[] {
  const letters = /:2,([A-Za-z]*)/.exec(name)?.[1] ?? ''
  return [...new Set(letters)].flatMap((letter) => {
    const known = flagOf[letter] ?? (letter >= 'a' ? keywords[letter.charCodeAt(0) - 97] : undefined)
    return known === undefined ? [] : [known]
  })
}

/** Lines "0 $Forwarded": the letters a–z of file names count them from 0. */
function keywordsOf(path: string): (string | undefined)[] {
  const file = join(path, 'dovecot-keywords')
  if (!existsSync(file)) return []
  const found: (string | undefined)[] = []
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, n, name] = /^(\d{1,2}) (\S+)$/.exec(line) ?? []
    if (name !== undefined && isKeyword(name)) found[Number(n)] = name
  }
  return found
}
