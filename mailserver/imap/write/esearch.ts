/** `* ESEARCH` (RFC 4731, RFC 5267, RFC 9394), and what of the results "$" stands for afterwards (RFC 5182, RFC 9394 §3.2). */
import { withinPartial, writePartialRange } from '../parse/returns.ts'
import type { SearchArguments } from '../parse/search.ts'
import { setParts } from '../parse/sequence.ts'
import type { Session } from '../session.ts'
import { merge } from '../view.ts'

/** Pieces of a set between two looks at the client. */
const atOnce = 1000

export type Results = {
  /** UIDs, or sequence numbers, in the order of the answer */
  numbers: readonly number[]
  byUid: boolean
  /** RFC 7162 §3.1.5; 0: not asked for */
  modseq: number
}

/** @param about what the answer belongs to: the command's tag, and the mailbox where there may be others (RFC 7377 §2.1) */
export async function writeEsearch(
  session: Session,
  about: string,
  { returns, partial }: SearchArguments,
  { numbers, byUid, modseq }: Results,
): Promise<void> {
  const { out } = session
  const asked = returns ?? new Set(['ALL'])
  out.text(`* ESEARCH (${about})${byUid ? ' UID' : ''}`)
  if (numbers.length) {
    // In an ordered result these are the ends of the order (RFC 5267 §3.2).
    if (asked.has('MIN')) out.text(` MIN ${numbers[0]}`)
    if (asked.has('MAX')) out.text(` MAX ${numbers.at(-1)}`)
    if (asked.has('ALL')) {
      out.text(' ALL ')
      await writeSet(session, numbers)
    }
  }
  if (partial) {
    const part = withinPartial(numbers, partial)
    out.text(` PARTIAL (${writePartialRange(partial)} `)
    if (part.length) await writeSet(session, part)
    else out.text('NIL')
    out.text(')')
  }
  if (asked.has('COUNT')) out.text(` COUNT ${numbers.length}`)
  out.line(modseq ? ` MODSEQ ${modseq}` : '')
}

async function writeSet(session: Session, numbers: Iterable<number>): Promise<void> {
  let n = 0
  for (const part of setParts(numbers)) {
    session.out.text(n ? `,${part}` : part)
    if (++n % atOnce === 0) {
      await session.out.drained()
      await session.turn()
    }
  }
}

/** @param found UIDs in the order of the answer */
export function saveResults(session: Session, { returns, partial }: SearchArguments, found: readonly number[]): void {
  if (!returns?.has('SAVE')) return
  session.saved = merge(savedOf(returns, partial, found).map((uid) => [uid, uid]))
}

/** RFC 5182 §2.4: the ends alone when only they were asked for, else all; RFC 9394 §3.2: the part, with the ends asked for. */
function savedOf(
  returns: ReadonlySet<string>,
  partial: SearchArguments['partial'],
  found: readonly number[],
): number[] {
  if (returns.has('ALL') || returns.has('COUNT')) return [...found]
  const ends = found.length
    ? [...(returns.has('MIN') ? [found[0]!] : []), ...(returns.has('MAX') ? [found.at(-1)!] : [])]
    : []
  if (partial) return [...ends, ...withinPartial(found, partial)]
  return returns.has('MIN') || returns.has('MAX') ? ends : [...found]
}
