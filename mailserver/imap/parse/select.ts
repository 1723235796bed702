/** Arguments of SELECT and EXAMINE (RFC 9051 §6.3.2, RFC 7162 §3.1.8, §3.2.5) as values. */
import { BadSyntax, type Scanner } from './scanner.ts'
import { readSequenceSet, type SequenceSet } from './sequence.ts'

/** What a client remembers of a mailbox and wants to know the changes of. */
export type Resync = {
  uidValidity: number
  modseq: number
  /** UIDs that it has; absent: all that there were */
  known?: SequenceSet
  /** numbers that some messages had, and their UIDs, position by position */
  match?: { numbers: SequenceSet; uids: SequenceSet }
}
export type SelectArguments = { name: Buffer; condstore: boolean; resync?: Resync }

export function readSelect(args: Scanner): SelectArguments {
  args.space()
  const name = args.astring('a mailbox name')
  let condstore = false
  let resync: Resync | undefined
  if (args.maySpace() && !args.atEnd)
    args.list(() => {
      const parameter = args.word('a parameter')
      if (parameter === 'CONDSTORE') condstore = true
      else if (parameter === 'QRESYNC' && !resync) {
        args.space()
        resync = readResync(args)
      } else throw new BadSyntax(`SELECT does not know ${parameter.slice(0, 40)}`)
    })
  args.end()
  return { name, condstore, ...(resync ? { resync } : {}) }
}

/** ( uidvalidity SP modseq [SP known-uids] [SP "(" numbers SP uids ")"] ) */
function readResync(args: Scanner): Resync {
  args.expect('(')
  const uidValidity = args.number('a UIDVALIDITY')
  args.space()
  const modseq = args.number64('a mod-sequence')
  if (uidValidity === 0 || modseq === 0) throw new BadSyntax('neither a UIDVALIDITY nor a mod-sequence is 0')
  const resync: Resync = { uidValidity, modseq }
  if (args.maySpace() && !args.atList) {
    resync.known = readSequenceSet(args)
    if (resync.known.saved) numbersOnly(resync.known)
    args.maySpace()
  }
  if (args.atList) {
    args.expect('(')
    const numbers = numbersOnly(readSequenceSet(args))
    args.space()
    const uids = numbersOnly(readSequenceSet(args))
    args.expect(')')
    resync.match = { numbers, uids }
  }
  args.expect(')')
  return resync
}

/** RFC 7162 §7: "*" is not allowed; in known UIDs, where it can only mean all of them, it is understood. */
function numbersOnly(set: SequenceSet): SequenceSet {
  if (set.saved || set.ranges.some(([, to]) => to === Infinity))
    throw new BadSyntax('the sets of QRESYNC hold numbers only')
  return set
}
