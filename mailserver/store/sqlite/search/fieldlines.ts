/**
 * The fields that people search by, in the short rows of `listing`: the header itself lies in rows of kilobytes, some of them
 * in other pages. Of the message alone: a recipient's own lines (`prefix`) are never of these names.
 */
import type { Statements } from '#kit/store/statements.ts'

export const listedFields = ['subject', 'from', 'to', 'cc'] as const
export type ListedField = (typeof listedFields)[number]
/** Characters; a letter to hundreds would make all rows long. What is longer is read from the header. */
const MAX_LENGTH = 2000

const isListed = /^(?:subject|from|to|cc):/i

export const asListedField = (name: string): ListedField | undefined =>
  listedFields.find((each) => each === name.toLowerCase())

/** Those lines of a decoded header, as they are; null when they are too long to be kept twice. */
export function fieldLines(header: string): string | null {
  const found = allFieldLines(header)
  return found.length > MAX_LENGTH ? null : found
}

const allFieldLines = (header: string): string =>
  header
    .split('\n')
    .filter((line) => isListed.test(line))
    .join('\n')

/** Of a content, wherever they are. */
export function fieldLinesOf(sql: Statements, content: number): string {
  const listed = sql.get<{ lines: string | null }>(
    'select field_lines as lines from listing where content = ?',
    content,
  )
  return listed?.lines ?? headerLinesOf(sql, content)
}

export const headerLinesOf = (sql: Statements, content: number): string =>
  allFieldLines(sql.get<{ header: string }>('select header from body where content = ?', content)?.header ?? '')
