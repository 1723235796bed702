import type { Statements } from '#kit/store/statements.ts'
import type { Change, JobName, Jobs } from '../port.ts'
import type { Content } from './content.ts'
import type { WordTable } from './search/words.ts'

/** A job's input as it reaches the writer: octets prepared, everything else as in the port. */
export type Ready<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer E)[]
    ? readonly Ready<E>[]
    : T extends { raw: Uint8Array }
      ? { [K in keyof T as K extends 'raw' ? 'content' : K]: K extends 'raw' ? Content : Ready<T[K]> }
      : T extends object
        ? { [K in keyof T]: Ready<T[K]> }
        : T

export type ReadyJob<N extends JobName = JobName> = Ready<Jobs[N]['in']>

/**
 * What one group of jobs has done inside its transaction and must do after it. When the transaction is rolled back,
 * the whole of it is thrown away with it.
 */
export type Tx = {
  readonly sql: Statements
  readonly dir: string
  readonly changes: Change[]
  /** mailbox → the one notice of its new messages: a letter to ten thousand must not look through ten thousand of them each time */
  readonly exists: Map<number, Extract<Change, { kind: 'exists' }>>
  /** contents that this group has noted for the full-text index */
  readonly unindexed: Set<number>
  /** blob → temporary file, to be named before the commit */
  readonly placed: Map<string, string>
  /** blobs whose row is gone: their files go after the commit */
  readonly dropped: Set<string>
  /** words written for search, known to be there once this is committed */
  readonly words: Record<WordTable, Set<string>>
}

export const newTx = (sql: Statements, dir: string): Tx => ({
  sql,
  dir,
  changes: [],
  exists: new Map(),
  unindexed: new Set(),
  placed: new Map(),
  dropped: new Set(),
  words: { word: new Set(), file_word: new Set() },
})

/**
 * `next` gives the writer back to others; the job goes on from there in a later transaction. `failed`: it has undone what it did
 * in earlier ones.
 */
export type Step<Out> = { out: Out } | { next: unknown } | { failed: Error }

/** In a `next`: what is to be undone when a later turn fails, by the number of its note (unfinished.ts). */
export type Undoable = { undo?: number }
/** Where such a job goes on after a turn that failed. */
export type Undoing = { undoing: number; why: Error }

/** Reads its place from `at` and never changes it: a group that fails is played again. */
export type Handler<N extends JobName> = (tx: Tx, job: ReadyJob<N>, at: unknown) => Step<Jobs[N]['out']>

/** Rows that one turn of a job may touch, so that a STORE on 100,000 does not hold the others (108 ms measured). */
export const SLICE = 1000

/** The store lost octets that the caller saw a moment ago: it must send them in full. */
export class ContentMissing extends Error {
  override name = 'ContentMissing'
}
