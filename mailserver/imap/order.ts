/** Sorting that lets other sessions in: a hundred thousand subjects take longer than anybody should wait. */
import { sortStep } from './limits.ts'

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

/** By code units, as collation keys compare, or by size. */
export const compareValues = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)
