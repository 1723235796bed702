import { crashPoint } from '#kit/process/crash.ts'
import type { Statements } from '#kit/store/statements.ts'
import { histograms, took } from '#mailserver/metrics/counters.ts'
import type { Change, JobName } from '../port.ts'
import { placeBlobs, removeBlob } from './blobs.ts'
import { handlers } from './jobs/index.ts'
import { rememberWords } from './search/words.ts'
import { ContentMissing, newTx, type ReadyJob, type Step, type Tx } from './tx.ts'
import { settleNote } from './unfinished.ts'

export type Turn = { job: JobName; input: ReadyJob; at: unknown }
export type TurnResult = { step: Step<unknown> } | { failed: Error }

/**
 * Natural group commit: all turns in one transaction, durable before anyone is answered. When one of them fails, the
 * whole group is rolled back and each is played alone, so that one bad job costs the others a little time and nothing else.
 *
 * @returns a result for each turn, in order, what changed, to be told after this returns, and how many contents wait for the index since
 */
export function runGroup(
  sql: Statements,
  dir: string,
  turns: readonly Turn[],
): { results: TurnResult[]; changes: Change[]; unindexed: number } {
  try {
    const { done, changes, unindexed } = commit(
      sql,
      dir,
      (tx) => turns.map((turn) => runTurn(tx, turn)),
      turns.length === 1,
    )
    return { results: done.map((step) => ({ step })), changes, unindexed }
  } catch (err) {
    if (turns.length === 1) return { results: [{ failed: asError(err) }], changes: [], unindexed: 0 }
  }
  const alone = turns.map((turn) => runGroup(sql, dir, [turn]))
  return {
    results: alone.flatMap((a) => a.results),
    changes: alone.flatMap((a) => a.changes),
    unindexed: alone.reduce((sum, a) => sum + a.unindexed, 0),
  }
}

/** One step of settling what an interrupted job left. @returns what changed; undefined: nothing was left */
export function settle(sql: Statements, dir: string): Change[] | undefined {
  if (!sql.get('select 1 from unfinished limit 1')) return undefined
  return commit(sql, dir, settleNote, true).changes
}

/** @param alone nobody does this work again when it fails */
function commit<T>(
  sql: Statements,
  dir: string,
  work: (tx: Tx) => T,
  alone: boolean,
): { done: T; changes: Change[]; unindexed: number } {
  const tx = newTx(sql, dir)
  sql.run('begin immediate')
  try {
    const done = work(tx)
    placeBlobs(dir, tx.placed)
    crashPoint('store.beforeCommit')
    const begun = performance.now()
    sql.run('commit')
    took(histograms.commit, begun)
    crashPoint('store.afterCommit')
    rememberWords(tx)
    removeUnnamed(sql, dir, tx.dropped)
    return { done, changes: tx.changes, unindexed: tx.unindexed.size }
  } catch (err) {
    if (sql.db.isTransaction) sql.run('rollback')
    // when the group is played again its files are there already; alone, nobody would come back for them
    if (alone) removeUnnamed(sql, dir, tx.placed.keys())
    throw err
  }
}

/** The type of a handler's input follows from its name, which the compiler cannot see through the table. */
function runTurn(tx: Tx, { job, input, at }: Turn): Step<unknown> {
  const handler = handlers[job] as (tx: Tx, input: ReadyJob, at: unknown) => Step<unknown>
  return handler(tx, input, at)
}

function removeUnnamed(sql: Statements, dir: string, blobs: Iterable<string>): void {
  for (const sha of blobs) if (!sql.get('select 1 from blob where sha = ?', sha)) removeBlob(dir, sha)
}

const asError = (err: unknown): Error => (err instanceof Error ? err : new Error(String(err)))

export const isMissing = (err: Error): boolean => err instanceof ContentMissing
