import type { Content } from './content.ts'
import { dropFilesOf } from './files.ts'
import { FOLDING, foldLines } from './folding.ts'
import { addListing, dropListing } from './listings.ts'
import { blobsOf } from './octets.ts'
import { prefixOf } from './prefixes.ts'
import { indexedHeader } from './search/opaque.ts'
import { addWords, wordsOf } from './search/words.ts'
import { ContentMissing, type Tx } from './tx.ts'

/**
 * The content's row, made when there is none. Its `refs` count nothing yet: each row of `message` or `queue` that
 * points to it calls `holdContent`, and a content that nobody holds at the end of a job must not be left behind.
 *
 * @throws ContentMissing when the caller sent only the hash and the content has gone meanwhile
 */
export function takeContent(tx: Tx, content: Content): number {
  const there = tx.sql.get<{ id: number }>('select id from content where sha = ?', content.sha)
  const files = content.facts?.files ?? []
  if (there) {
    if (!tx.reindex.has(there.id)) tx.reindex.set(there.id, false)
    return there.id
  }
  const f = content.facts
  if (!f) throw new ContentMissing(Buffer.from(content.sha).toString('hex'))
  for (const blob of f.blobs) takeBlob(tx, blob, files.find((n) => n.sha === blob.sha)?.temporary)
  const { id } = tx.sql.one<{ id: number }>(
    `insert into content (sha, size, line_extra, refs, sent_at, message_id, envelope, body_structure, body, structure)
     values (?, ?, ?, 0, ?, ?, ?, ?, ?, ?) returning id`,
    content.sha,
    content.size,
    f.lineExtra,
    f.sentAt,
    f.messageId,
    f.envelope,
    f.bodyStructure,
    f.body,
    f.structure,
  )
  tx.sql.run(
    `insert into body (content, segments, octets, header, folded_header, text, folded_text, indexed_header, indexed_text, folding)
     values (?, '', x'', ?, ?, ?, ?, ?, ?, ${FOLDING})`,
    id,
    f.header,
    f.foldedHeader,
    f.text,
    f.foldedText,
    f.indexedHeader,
    f.indexedText,
  )
  tx.sql.run('insert into octets (content, segments, octets) values (?, ?, ?)', id, f.segments, f.octets)
  addListing(tx, id, f.listing)
  if (f.indexedHeader !== null || f.indexedText !== null) tx.sql.run('insert into partial (content) values (?)', id)
  addWords(tx, 'word', f.words === '' ? [] : f.words.split(' '))
  if (f.hasFiles) tx.sql.run('insert into unread_files (content) values (?)', id)
  tx.reindex.set(id, true)
  return id
}

function takeBlob(tx: Tx, { sha, size }: { sha: string; size: number }, temporary: string | undefined): void {
  const row = tx.sql.get('update blob set refs = refs + 1 where sha = ? returning refs', sha)
  if (row) return
  if (!temporary) throw new ContentMissing(sha)
  tx.sql.run('insert into blob (sha, size, refs) values (?, ?, 1)', sha, size)
  tx.placed.set(sha, temporary)
}

export function holdContent(tx: Tx, content: number, times = 1): void {
  tx.sql.run('update content set refs = refs + ? where id = ?', times, content)
}

/** One row that pointed to it is gone; with the last one go its texts, its index row and its blobs. */
export function releaseContent(tx: Tx, content: number): void {
  const { refs } = tx.sql.one<{ refs: number }>(
    'update content set refs = refs - 1 where id = ? returning refs',
    content,
  )
  if (refs === 0) dropContent(tx, content)
}

/** For a content that was taken and then not needed (all recipients over quota). */
export function dropIfUnheld(tx: Tx, content: number): void {
  if (tx.sql.one<{ refs: number }>('select refs from content where id = ?', content).refs === 0)
    dropContent(tx, content)
}

function dropContent(tx: Tx, content: number): void {
  for (const sha of blobsOf(tx.sql, content)) {
    const { refs } = tx.sql.one<{ refs: number }>('update blob set refs = refs - 1 where sha = ? returning refs', sha)
    if (refs > 0) continue
    tx.sql.run('delete from blob where sha = ?', sha)
    tx.dropped.add(sha)
  }
  dropListing(tx, content)
  dropFilesOf(tx, content)
  tx.sql.run('delete from partial where content = ?', content)
  tx.sql.run('delete from body where content = ?', content)
  tx.sql.run('delete from octets where content = ?', content)
  tx.sql.run('delete from content where id = ?', content)
  tx.sql.run('delete from fts where rowid = ?', content)
  tx.reindex.delete(content)
}

/** The token that stands for an account in the full-text index; folded text never holds "ŧ". */
export const accountToken = (account: number): string => `ŧ${account}`

/**
 * Full-text rows of what the transaction touched: one for each distinct body, with a token for each account that
 * has it, and the recipients' own header lines beside the shared ones.
 */
export function writeIndex(tx: Tx): void {
  for (const [content, fresh] of tx.reindex) {
    const held = tx.sql.all<{ account: number; prefix: Uint8Array }>(
      `select b.account, ${prefixOf} as prefix from message m join mailbox b on b.id = m.mailbox where m.content = ?`,
      content,
    )
    if (!fresh) tx.sql.run('delete from fts where rowid = ?', content)
    if (held.length === 0) continue
    const { header, text, indexed } = tx.sql.one<{ header: string; text: string; indexed: number | null }>(
      `select folded_header as header, coalesce(substr(folded_text, 1, indexed_text), folded_text) as text, indexed_header as indexed
       from body where content = ?`,
      content,
    )
    const accounts = [...new Set(held.map((h) => accountToken(h.account)))].join(' ')
    const prefixes = [...new Set(held.map((h) => Buffer.from(h.prefix).toString()))].map(foldLines).join('\n')
    addWords(tx, 'word', wordsOf(indexedHeader(prefixes)))
    tx.sql.run(
      'insert into fts (rowid, account, header, text) values (?, ?, ?, ?)',
      content,
      accounts,
      `${indexedHeader(header).slice(0, indexed ?? undefined)}\n${indexedHeader(prefixes)}`,
      text,
    )
  }
  tx.reindex.clear()
}
