/** GETMETADATA's and SETMETADATA's arguments (RFC 5464 §5) as values. */
import { maxEntryName, maxList } from '../limits.ts'
import { BadSyntax, type Scanner } from './scanner.ts'

export type GetMetadata = {
  /** empty: the server */
  mailbox: Buffer
  entries: string[]
  /** how many levels below each entry; Infinity: all */
  depth: 0 | 1 | typeof Infinity
  maxSize?: number
}
export type SetMetadata = { mailbox: Buffer; entries: { entry: string; value: Buffer | null }[] }

/** Lower case: entry names are compared without case (§3.2). @throws BadSyntax */
export function readEntry(args: Scanner): string {
  const name = args.astring('an entry').toString('latin1')
  if (name.length > maxEntryName) throw new BadSyntax('an entry name is too long')
  if (!isEntry(name)) throw new BadSyntax('an entry name is not well formed')
  return name.toLowerCase()
}

/** §3.2 */
export const isEntry = (name: string): boolean =>
  /^(\/[^/*%\0-\x19\x80-\xff]+)+$/.test(name) && /^\/(private|shared)(\/|$)/i.test(name)

export function readGetMetadata(args: Scanner): GetMetadata {
  const options: Pick<GetMetadata, 'depth' | 'maxSize'> = { depth: 0 }
  args.space()
  if (args.atList) {
    readOptions(args, options)
    args.space()
  }
  const mailbox = args.astring('a mailbox name')
  args.space()
  // The RFC's examples have the options behind the name, its grammar before it; both are sent.
  if (startsOptions(args)) {
    readOptions(args, options)
    args.space()
  }
  const entries = args.atList ? args.list(() => readEntry(args), { empty: false }) : [readEntry(args)]
  args.end()
  return { mailbox, entries, ...options }
}

/** Entries begin with "/" or a quote, options with a letter. */
function startsOptions(args: Scanner): boolean {
  const ahead = args.fork()
  if (!ahead.took('(')) return false
  const c = ahead.peek()
  return c !== undefined && /[A-Za-z]/.test(String.fromCharCode(c))
}

function readOptions(args: Scanner, options: Pick<GetMetadata, 'depth' | 'maxSize'>): void {
  args.list(
    () => {
      const name = args.word('an option')
      args.space()
      if (name === 'MAXSIZE') options.maxSize = args.number('a size')
      else if (name === 'DEPTH') {
        const depth = args.word('a depth')
        if (depth !== '0' && depth !== '1' && depth !== 'INFINITY') throw new BadSyntax('DEPTH is 0, 1 or infinity')
        options.depth = depth === '0' ? 0 : depth === '1' ? 1 : Infinity
      } else throw new BadSyntax(`GETMETADATA does not know ${name.slice(0, 40)}`)
    },
    { empty: false, max: 10 },
  )
}

export function readSetMetadata(args: Scanner): SetMetadata {
  args.space()
  const mailbox = args.astring('a mailbox name')
  args.space()
  const entries = args.list(
    () => {
      const entry = readEntry(args)
      if (!entry.includes('/', 1)) throw new BadSyntax('an entry name has two levels at least')
      args.space()
      return { entry, value: readValue(args) }
    },
    { empty: false, max: maxList },
  )
  args.end()
  return { mailbox, entries }
}

/** nstring or literal8 */
const readValue = (args: Scanner): Buffer | null => (args.atLiteral ? args.message() : (args.nstring() ?? null))
