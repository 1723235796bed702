import type { Statements } from '#kit/store/statements.ts'
import type { Haystack } from './needle.ts'

/** Files of a content that have text. */
export const filesOf = (sql: Statements, content: number): number[] =>
  sql
    .all<{ file: number }>('select distinct file from content_file where content = ? and file is not null', content)
    .map((r) => r.file)

export function fileText(sql: Statements, file: number): Haystack {
  return {
    folded: () => sql.get<{ folded: string }>('select folded from file where id = ?', file)?.folded ?? '',
    exact: () => sql.get<{ text: string }>('select text from file where id = ?', file)?.text ?? '',
  }
}
