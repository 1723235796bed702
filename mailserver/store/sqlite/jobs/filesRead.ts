import { fold } from '#kit/vi/fold.ts'
import { dropFile, PIECES, pieceCount, pieceOf } from '../files.ts'
import { FOLDING } from '../folding.ts'
import { noteUnindexed } from '../indexing.ts'
import { addWords } from '../search/words.ts'
import type { Handler, ReadyJob, Tx } from '../tx.ts'

type Job = ReadyJob<'filesRead'>
type Place = { file: number; piece: number }

/** One piece of text a turn, so that a long file is not felt by the others; the content stops waiting with the last of them. */
export const filesRead: Handler<'filesRead'> = (tx, job, at) => {
  const { content } = job
  if (!tx.sql.get('select 1 from content where id = ?', content)) {
    tx.sql.run('delete from unread_files where content = ?', content)
    return { out: { ok: true } }
  }
  const place = (at as Place | undefined) ?? { file: 0, piece: 0 }
  if (!at && job.texts) foldAgain(tx, content, job.texts)
  for (let file = place.file; file < job.files.length; file++) {
    const next = storePiece(tx, job.files[file]!, file === place.file ? place.piece : 0)
    if (next === undefined) continue
    return { next: { file: next === 'done' ? file + 1 : file, piece: next === 'done' ? 0 : next } }
  }
  return { out: { ok: settle(tx, job) } }
}

function foldAgain(tx: Tx, content: number, t: NonNullable<Job['texts']>): void {
  tx.sql.run(
    `update body set text = ?, folded_header = ?, folded_text = ?, indexed_header = ?, indexed_text = ?, folding = ${FOLDING}
     where content = ?`,
    t.text,
    t.foldedHeader,
    t.foldedText,
    t.indexedHeader,
    t.indexedText,
    content,
  )
  if (t.indexedHeader !== null || t.indexedText !== null)
    tx.sql.run('insert or ignore into partial (content) values (?)', content)
  noteUnindexed(tx, content)
}

/** @returns undefined: nothing to store; "done": that was the last piece; else the next one */
function storePiece(tx: Tx, { key, read }: Job['files'][number], piece: number): number | 'done' | undefined {
  if (!read || key === undefined) return undefined
  let row = tx.sql.get<{ id: number; complete: number }>('select id, complete from file where key = ?', key)
  if (row?.complete) return undefined
  if (row && piece === 0) {
    dropFile(tx, row.id) // begun before a stop
    row = undefined
  }
  row ??= tx.sql.one<{ id: number; complete: number }>(
    'insert into file (key, state, text, folded, indexed) values (?, ?, ?, ?, ?) returning id, complete',
    key,
    read.state,
    read.text,
    read.folded,
    read.indexed ?? null,
  )
  const indexed = read.indexed === undefined ? read.folded : read.folded.slice(0, read.indexed)
  if (indexed !== '') {
    const text = pieceOf(indexed, piece)
    addWords(tx, 'file_word', text)
    tx.sql.run('insert into file_fts (rowid, text) values (?, ?)', row.id * PIECES + piece, text)
  }
  if (piece + 1 < pieceCount(indexed.length)) return piece + 1
  tx.sql.run('update file set complete = 1 where id = ?', row.id)
  return 'done'
}

/** @returns false when a file that was known has gone meanwhile; the content goes on waiting */
function settle(tx: Tx, { content, files }: Job): boolean {
  const ids = files.map(({ key }) =>
    key === undefined
      ? null
      : tx.sql.get<{ id: number }>('select id from file where key = ? and complete = 1', key)?.id,
  )
  if (ids.includes(undefined)) return false
  tx.sql.run('delete from content_file where content = ?', content)
  for (const [i, { part, name }] of files.entries())
    tx.sql.run(
      'insert into content_file (content, part, name, folded_name, file) values (?, ?, ?, ?, ?)',
      content,
      part,
      name,
      fold(name),
      ids[i] ?? null,
    )
  tx.sql.run('delete from unread_files where content = ?', content)
  return true
}
