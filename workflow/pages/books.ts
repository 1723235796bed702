/**
 * What the pages read of the registers' projections. `workflow/projection` gives it; tests give one of their own.
 * Everything is synchronous: one row or one page of rows of a local SQLite file opened read-only.
 */
import type { Turn } from '#kit/act/act.ts'
import type { ArrivalLine, CaseSummary, OutgoingLine } from '#kit/act/family.ts'
import type { Address, LocalDate } from '#kit/directory/calls.ts'

export type CaseRow = CaseSummary & {
  /** whose turn it is; empty when the case is over */
  turns: readonly Turn[]
}

export type CaseQuery = {
  /** open: somebody has a turn; done: nobody has */
  open: boolean
  /** only cases in which one of these has a turn (open) or was involved (done) */
  parties?: readonly Address[]
  /** code of the national list of states */
  outer?: number
  /** words, marks or not */
  search?: string
  offset: number
  limit: number
}
export type LineQuery = {
  year: number
  /** words, marks or not; a number finds the line of that number */
  search?: string
  /** days of arrival or of issue, both inclusive */
  from?: LocalDate
  to?: LocalDate
  offset: number
  limit: number
}
export type Page<T> = { rows: readonly T[]; total: number }

/** One register's projection. */
export type Book = {
  ledger: Address
  /** changes whenever another process has written; costs microseconds */
  version(): number
  /** seq of the last event applied */
  seq(): number
  /** open: the turn that is due first comes first; done: the newest first */
  cases(query: CaseQuery): Page<CaseRow>
  /** open cases by state, over the same parties */
  states(parties?: readonly Address[]): ReadonlyMap<number, number>
  /** by lodging reference or code */
  case(id: string): { family: string; state: unknown; row: CaseRow } | undefined
  arrivals(query: LineQuery): Page<ArrivalLine & { case: string }>
  outgoing(query: LineQuery): Page<OutgoingLine & { case: string }>
  /** years in which the register has lines, newest first, and the last number drawn in each */
  years(kind: 'arrival' | 'outgoing'): readonly { year: number; last: number }[]
}
export type Books = {
  /** undefined when no event was applied yet */
  book(ledger: Address): Book | undefined
}
