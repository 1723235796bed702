/** LIST's arguments (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154, RFC 8440, RFC 9590) as values; LSUB's are the plain form. */
import { readEntry } from './metadata.ts'
import { BadSyntax, type Scanner } from './scanner.ts'
import { readStatusItems, type StatusItem } from './status.ts'

export const listSelections = ['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'] as const
export type ListSelection = (typeof listSelections)[number]
export type ListArguments = {
  select: ReadonlySet<ListSelection>
  /** as sent: modified UTF-7 or UTF-8 */
  reference: Buffer
  patterns: Buffer[]
  returns: {
    subscribed: boolean
    children: boolean
    specialUse: boolean
    myRights: boolean
    status?: readonly StatusItem[]
    /** RFC 9590 */
    metadata?: readonly string[]
  }
  /** the extended syntax was used: attributes are given in full */
  extended: boolean
}

export function readList(args: Scanner): ListArguments {
  args.space()
  const select = new Set<ListSelection>()
  let extended = false
  if (args.atList) {
    extended = true
    for (const name of args.list(() => args.word('a selection option'))) {
      const option = listSelections.find((each) => each === name)
      if (!option) throw new BadSyntax(`LIST does not know the selection ${name.slice(0, 40)}`)
      select.add(option)
    }
    // RFC 5258 §3.1: RECURSIVEMATCH alone selects nothing
    if (select.has('RECURSIVEMATCH') && !select.has('SUBSCRIBED') && !select.has('SPECIAL-USE'))
      throw new BadSyntax('RECURSIVEMATCH wants another selection')
    args.space()
  }
  const reference = args.astring('a reference name')
  args.space()
  let patterns: Buffer[]
  if (args.atList) {
    extended = true
    patterns = args.list(() => args.listPattern(), { empty: false, max: 50 })
  } else patterns = [args.listPattern()]
  const returns: ListArguments['returns'] = { subscribed: false, children: false, specialUse: false, myRights: false }
  if (args.maySpace() && !args.atEnd) {
    extended = true
    if (args.word('RETURN') !== 'RETURN') throw new BadSyntax('expected RETURN')
    args.space()
    args.list(() => readReturn(args, returns))
  }
  args.end()
  return { select, reference, patterns, returns, extended }
}

function readReturn(args: Scanner, returns: ListArguments['returns']): void {
  const name = args.word('a return option')
  if (name === 'SUBSCRIBED') returns.subscribed = true
  else if (name === 'CHILDREN') returns.children = true
  else if (name === 'SPECIAL-USE') returns.specialUse = true
  else if (name === 'MYRIGHTS') returns.myRights = true
  else if (name === 'STATUS') {
    args.space()
    returns.status = readStatusItems(args)
  } else if (name === 'METADATA') {
    args.space()
    returns.metadata = args.list(() => readEntry(args), { empty: false })
  } else throw new BadSyntax(`LIST does not know RETURN ${name.slice(0, 40)}`)
}
