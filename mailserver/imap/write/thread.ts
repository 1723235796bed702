/** `* THREAD (1 2 (3)(4))` (RFC 5256 §4), written with a stack of its own, since threads may be very deep. */
import { sortStep } from '../limits.ts'
import type { Session } from '../session.ts'
import type { ThreadNode } from '../threading/node.ts'

/** @param number sequence number or UID of a message */
export async function writeThreads(
  session: Session,
  threads: readonly ThreadNode[],
  number: (uid: number) => number,
): Promise<void> {
  const { out } = session
  out.text('* THREAD')
  // What is still to be written, the next at the end: a node that opens a parenthesis, one that goes on in a line, or an end.
  const open: ({ node: ThreadNode; opens: boolean } | ')')[] = []
  let written = 0
  let start = ' '
  for (const thread of threads) {
    open.push({ node: thread, opens: true })
    for (let next = open.pop(); next; next = open.pop()) {
      if (next === ')') {
        out.text(')')
        continue
      }
      const { row, children } = next.node
      if (next.opens) {
        out.text(`${start}(`)
        open.push(')')
      } else if (row) out.text(' ')
      start = ''
      if (row) out.text(`${number(row.uid)}`)
      if (children.length === 1) open.push({ node: children[0]!, opens: false })
      else {
        if (row && children.length > 1) out.text(' ')
        for (let i = children.length - 1; i >= 0; i--) open.push({ node: children[i]!, opens: true })
      }
      if (++written % sortStep === 0) {
        await out.drained()
        await session.turn()
      }
    }
  }
  out.line('')
}
