/** A thread as both algorithms of RFC 5256 give it. */
import { type ThreadRow, threadKeyLength } from '#mailserver/store/port.ts'
import { compareValues } from '../order.ts'

export type ThreadNode = {
  /** absent for a dummy: a message that others answer and that is not here */
  row?: ThreadRow
  children: ThreadNode[]
}

/** RFC 5256 §2.2: by the date sent, then by the place in the mailbox. */
export const bySent = (a: ThreadRow, b: ThreadRow): number => compareValues(a.sent, b.sent) || a.uid - b.uid

/** The message by which a node is sorted: its own, or the first of its children (a dummy has some, none of them a dummy). */
export function leading(node: ThreadNode): ThreadRow {
  let first = node.row
  if (!first) for (const { row } of node.children) if (row && (!first || bySent(row, first) < 0)) first = row
  return first!
}

export function* keysOf(referenceKeys: string): Generator<string> {
  for (let at = 0; at < referenceKeys.length; at += threadKeyLength) yield referenceKeys.slice(at, at + threadKeyLength)
}
