/** Sorting that lets other sessions in: a hundred thousand subjects take longer than anybody should wait. */
import type { SortRow } from '#mailserver/store/port.ts'
import { sortStep } from './limits.ts'
import type { SortKey } from './parse/sort.ts'

/**
 * A merge sort in small steps; stable.
 * @param turn called between steps, gives others their turn when it is time
 */
export async function sortInTurns<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  turn: () => Promise<void>,
): Promise<T[]> {
  let runs: T[][] = []
  for (let at = 0; at < items.length; at += sortStep) {
    runs.push(items.slice(at, at + sortStep).sort(compare))
    await turn()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2)
      merged.push(runs[i + 1] ? await mergeInTurns(runs[i]!, runs[i + 1]!, compare, turn) : runs[i]!)
    runs = merged
  }
  return runs[0] ?? []
}

async function mergeInTurns<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => number,
  turn: () => Promise<void>,
): Promise<T[]> {
  const merged: T[] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    merged.push(compare(a[i]!, b[j]!) <= 0 ? a[i++]! : b[j++]!)
    if (merged.length % sortStep === 0) await turn()
  }
  while (i < a.length) merged.push(a[i++]!)
  while (j < b.length) merged.push(b[j++]!)
  return merged
}

/** As SORT orders messages; UIDs decide where all keys are the same (RFC 5256 §3). */
export const comparing =
  (order: readonly SortKey[]) =>
  (a: SortRow, b: SortRow): number => {
    for (const { column, reverse } of order) {
      const one = compareValues(a[column]!, b[column]!)
      if (one !== 0) return reverse ? -one : one
    }
    return a.uid - b.uid
  }

/** By code units, as collation keys compare, or by size. */
export const compareValues = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)
