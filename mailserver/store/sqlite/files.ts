import type { Statements } from '#kit/store/statements.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import { FOLDING } from './folding.ts'
import type { Tx } from './tx.ts'

/**
 * Characters of a file's text that go into the index at a time: some milliseconds of the writer. Pieces overlap, so that a phrase of
 * ordinary length lies whole in one of them.
 */
const PIECE = 96 * 1024
export const OVERLAP = 2 * 1024
/** Row of `file_fts`: file × PIECES + piece. 64 of them hold six times the longest text. */
export const PIECES = 64

export const pieceCount = (length: number): number => Math.min(PIECES, Math.max(1, Math.ceil(length / PIECE)))
export const pieceOf = (folded: string, n: number): string => folded.slice(n * PIECE, (n + 1) * PIECE + OVERLAP)

export function filesToRead(
  sql: Statements,
  limit: number,
): { content: number; structure: MimePart; stale: boolean }[] {
  return sql
    .all<{ content: number; structure: string; folding: number }>(
      `select u.content, c.structure, b.folding from unread_files u join content c on c.id = u.content join body b on b.content = u.content
       order by u.content desc limit ?`,
      limit,
    )
    .map((r) => ({
      content: r.content,
      structure: JSON.parse(r.structure) as MimePart,
      stale: r.folding !== FOLDING,
    }))
}

/** When a content goes, its files go unless another content has them. */
export function dropFilesOf(tx: Tx, content: number): void {
  tx.sql.run('delete from unread_files where content = ?', content)
  const files = tx.sql.all<{ file: number }>(
    'select distinct file from content_file where content = ? and file is not null',
    content,
  )
  tx.sql.run('delete from content_file where content = ?', content)
  for (const { file } of files)
    if (!tx.sql.get('select 1 from content_file where file = ? limit 1', file)) dropFile(tx, file)
}

export function dropFile(tx: Tx, file: number): void {
  tx.sql.run('delete from file_fts where rowid >= ? and rowid < ?', file * PIECES, (file + 1) * PIECES)
  tx.sql.run('delete from file where id = ?', file)
}

/** Texts whose storing was interrupted by a stop; their contents still wait and bring them again. @returns whether there was one */
export function dropIncomplete(tx: Tx): boolean {
  const one = tx.sql.get<{ id: number }>('select id from file where complete = 0 limit 1')
  if (one) dropFile(tx, one.id)
  return one !== undefined
}
