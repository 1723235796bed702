/** Arguments of SORT (RFC 5256, RFC 5267, RFC 5957) and THREAD (RFC 5256) as values. */
import type { SortColumn } from '#mailserver/store/port.ts'
import { maxSortKeys } from '../limits.ts'
import { type Returns, readReturns } from './returns.ts'
import { BadSyntax, type Scanner } from './scanner.ts'
import { readCriteria, type SearchArguments } from './search.ts'

export type SortKey = { column: SortColumn; reverse: boolean }
export type SortArguments = { order: SortKey[]; search: SearchArguments }

const columns = new Map<string, SortColumn>([
  ['ARRIVAL', 'arrived'],
  ['CC', 'cc'],
  ['DATE', 'sent'],
  ['DISPLAYFROM', 'fromName'],
  ['DISPLAYTO', 'toName'],
  ['FROM', 'from'],
  ['SIZE', 'size'],
  ['SUBJECT', 'subject'],
  ['TO', 'to'],
])

export function readSort(args: Scanner): SortArguments {
  args.space()
  let returns: Returns | undefined
  if (!args.atList) {
    if (args.word('RETURN or sort keys') !== 'RETURN') throw new BadSyntax('expected RETURN or ( and sort keys')
    returns = readReturns(args)
  }
  const order = args.list(() => readKey(args), { empty: false, max: maxSortKeys })
  return { order, search: { ...returns, ...withCharset(args) } }
}

function readKey(args: Scanner): SortKey {
  let name = args.word('a sort key')
  const reverse = name === 'REVERSE'
  if (reverse) {
    args.space()
    name = args.word('a sort key')
  }
  const column = columns.get(name)
  if (!column) throw new BadSyntax(`SORT does not know ${JSON.stringify(name.slice(0, 40))}`)
  return { column, reverse }
}

/** The charset is no option here, as it is for SEARCH. */
function withCharset(args: Scanner) {
  args.space()
  const charset = args.astring('a charset').toString('latin1')
  args.space()
  return readCriteria(args, charset)
}

export const threadings = ['ORDEREDSUBJECT', 'REFERENCES', 'REFS'] as const
export type Threading = (typeof threadings)[number]
export type ThreadArguments = { threading: Threading; search: SearchArguments }

export function readThread(args: Scanner): ThreadArguments {
  args.space()
  const name = args.word('a threading algorithm')
  const threading = threadings.find((each) => each === name)
  if (!threading) throw new BadSyntax(`THREAD does not know ${JSON.stringify(name.slice(0, 40))}`)
  return { threading, search: withCharset(args) }
}
