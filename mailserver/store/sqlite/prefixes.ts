/**
 * The recipients' own header lines (`prefix`), apart from the rows of messages: a row without them has some fifty octets, so
 * that a page holds 170 of them, and a change of many flags writes few pages. They stand in the order in which they came, many
 * of one commit in one page. Each belongs to one message.
 *
 * Rows from before this have them in `message.prefix` until an idle slice moves them (`earlier.ts`); readers ask for both.
 */
import type { Tx } from './tx.ts'

/** SQL: the prefix of the row `m` of `message`, wherever it is. */
export const prefixOf = 'coalesce((select octets from prefix where n = m.prefix_n), m.prefix)'

/** What a message's row says of its prefix: where it is, or the octets themselves; neither: it has none. */
export type Prefixed = { prefix_n: number | null; prefix: Uint8Array }
export const prefixColumns = 'prefix_n, prefix'

/** @returns its number, null for none */
export function addPrefix(tx: Pick<Tx, 'sql'>, octets: Uint8Array): number | null {
  if (octets.length === 0) return null
  return tx.sql.one<{ n: number }>('insert into prefix (octets) values (?) returning n', octets).n
}

export function copyPrefix(tx: Tx, { prefix_n, prefix }: Prefixed): number | null {
  if (prefix_n === null) return addPrefix(tx, prefix)
  return tx.sql.one<{ n: number }>(
    'insert into prefix (octets) select octets from prefix where n = ? returning n',
    prefix_n,
  ).n
}

export function dropPrefixes(tx: Tx, rows: readonly Pick<Prefixed, 'prefix_n'>[]): void {
  const numbers = rows.flatMap((r) => r.prefix_n ?? [])
  if (numbers.length > 0)
    tx.sql.run('delete from prefix where n in (select value from json_each(?))', JSON.stringify(numbers))
}

export function readPrefix(tx: Tx, { prefix_n, prefix }: Prefixed): Uint8Array {
  if (prefix_n === null) return prefix
  return tx.sql.one<{ octets: Uint8Array }>('select octets from prefix where n = ?', prefix_n).octets
}
