/** THREAD=ORDEREDSUBJECT (RFC 5256 §3): messages of one base subject, the first of them above the others. */
import type { ThreadRow } from '#mailserver/store/port.ts'
import { compareValues, sortInTurns } from '../order.ts'
import { bySent, leading, type ThreadNode } from './node.ts'

export async function threadBySubject(rows: readonly ThreadRow[], turn: () => Promise<void>): Promise<ThreadNode[]> {
  const sorted = await sortInTurns(rows, (a, b) => compareValues(a.subject, b.subject) || bySent(a, b), turn)
  const threads: ThreadNode[] = []
  for (const row of sorted) {
    const last = threads.at(-1)
    if (last && last.row!.subject === row.subject) last.children.push({ row, children: [] })
    else threads.push({ row, children: [] })
  }
  return sortInTurns(threads, (a, b) => bySent(leading(a), leading(b)), turn)
}
