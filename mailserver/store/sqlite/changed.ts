/**
 * Which messages of a mailbox got which mod-sequence: one line for each mod-sequence, the latest thousand of them. An index over
 * the mod-sequences of messages would be changed twice for every flag, at other places than the messages themselves, and cost as much as these.
 */
import type { Statements } from '#kit/store/statements.ts'
import { messageId } from './schema.ts'
import type { Tx } from './tx.ts'

/** Mod-sequences of a mailbox that stay in the log, and a quarter of that more: whoever comes from before looks at all rows. */
const KEPT = 1024
const CUT_EVERY = 256
/** A line with more runs says only between which UIDs they lie. */
const MAX_RUNS = 64
/** Up to this many messages that may have changed are looked at one by one; more are as quickly found in the order of their UIDs. */
const FEW = 2000

type Run = readonly [first: number, last: number]

/** @param runs ascending UIDs that got this mod-sequence */
export function noteChanged(tx: Tx, mailbox: number, modseq: number, runs: readonly Run[]): void {
  const noted: readonly Run[] = runs.length > MAX_RUNS ? [[runs[0]![0], runs.at(-1)![1]]] : runs
  tx.sql.run(
    'insert into changed (mailbox, modseq, n, runs) values (?, ?, ?, ?)',
    mailbox,
    modseq,
    noted.reduce((sum, [first, last]) => sum + last - first + 1, 0),
    noted.join(),
  )
  if (modseq % CUT_EVERY === 0)
    tx.sql.run('delete from changed where mailbox = ? and modseq <= ?', mailbox, modseq - KEPT)
}

/**
 * Ids of messages among which are all that changed after that mod-sequence, in any order; perhaps of some that have gone.
 * @returns undefined when they are too many, or the log does not go back so far
 */
export function mayHaveChanged(sql: Statements, mailbox: number, since: number): number[] | undefined {
  const { n } = sql.one<{ n: number | null }>(
    'select sum(n) as n from changed where mailbox = ? and modseq > ?',
    mailbox,
    since,
  )
  if (n !== null && n > FEW) return undefined
  const { runs } = sql.one<{ runs: string | null }>(
    'select group_concat(runs) as runs from changed where mailbox = ? and modseq > ?',
    mailbox,
    since,
  )
  // looked at last: what is cut off meanwhile is missed here
  const { oldest } = sql.one<{ oldest: number | null }>(
    'select min(modseq) as oldest from changed where mailbox = ?',
    mailbox,
  )
  if (oldest === null || oldest > since + 1) return undefined
  const ids = new Set<number>()
  const bounds = runs === null ? [] : runs.split(',').map(Number)
  for (let i = 0; i < bounds.length; i += 2)
    for (let uid = bounds[i]!; uid <= bounds[i + 1]!; uid++) ids.add(messageId(mailbox, uid))
  return [...ids]
}
