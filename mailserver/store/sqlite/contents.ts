import type { Content } from './content.ts'
import { dropFilesOf } from './files.ts'
import { FOLDING } from './folding.ts'
import { dropIndexed, noteUnindexed } from './indexing.ts'
import { addListing, dropListing } from './listings.ts'
import { blobsOf } from './octets.ts'
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
    noteUnindexed(tx, there.id)
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
  addListing(tx, id, f.listing, f.fieldLines)
  if (f.indexedHeader !== null || f.indexedText !== null) tx.sql.run('insert into partial (content) values (?)', id)
  if (f.hasFiles) tx.sql.run('insert into unread_files (content) values (?)', id)
  noteUnindexed(tx, id)
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
  dropIndexed(tx, content)
}
