/**
 * SEARCH's arguments (RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 4731, RFC 5182, RFC 5032, RFC 7162 §3.1.5,
 * RFC 8474 §5.4, RFC 8514 §4.3) as a tree of keys. Sequence numbers stay what they are: `resolveKey` knows the mailbox.
 */
import type { SearchKey } from '#mailserver/store/port.ts'
import { maxNotifyGroups, maxSearchKeys } from '../limits.ts'
import { dayMs, readDate } from './dates.ts'
import { type MailboxFilter, readMailboxFilter } from './mailboxes.ts'
import { type Returns, readReturns } from './returns.ts'
import { BadSyntax, type Scanner } from './scanner.ts'
import { looksLikeSet, readSequenceSet, type SequenceSet } from './sequence.ts'

export type AskedKey =
  | Exclude<SearchKey, { key: 'and' | 'or' | 'not' | 'uid' }>
  | { key: 'and' | 'or'; of: AskedKey[] }
  | { key: 'not'; of: AskedKey }
  | { key: 'set'; byUid: boolean; set: SequenceSet }
  | { key: 'recent'; recent: boolean }
  | { key: 'younger' | 'older'; seconds: number }
  | { key: 'none' }

export type SearchArguments = Partial<Returns> & {
  /** `returns` undefined: the plain answer of RFC 3501 */
  key: AskedKey
  /** a charset was named */
  charset?: true
  /** MODSEQ was among the keys, so the answer carries the highest one (RFC 7162 §3.1.5) */
  modseq: boolean
}

/** The charset cannot be read: NO [BADCHARSET], not BAD. */
export class BadCharset extends Error {
  override name = 'BadCharset'
}

export function readSearch(args: Scanner): SearchArguments {
  args.space()
  return readProgram(args, firstWord(args))
}

/** ESEARCH (RFC 7377 §2): which mailboxes first, where they are told. */
export function readMultiSearch(args: Scanner): SearchArguments & { sources: MailboxFilter[] } {
  args.space()
  const first = firstWord(args)
  if (first !== 'IN') return { sources: [{ filter: 'selected', names: [] }], ...readProgram(args, first) }
  args.space()
  const sources: MailboxFilter[] = []
  args.expect('(')
  do {
    if (args.atList) throw new BadSyntax('ESEARCH knows no scope options')
    if (sources.length >= maxNotifyGroups) throw new BadSyntax(`ESEARCH takes ${maxNotifyGroups} sources`)
    const source = readMailboxFilter(args)
    if (source.filter === 'selected-delayed') throw new BadSyntax('SELECTED-DELAYED is no source')
    sources.push(source)
  } while (args.maySpace())
  args.expect(')')
  args.space()
  return { sources, ...readProgram(args, firstWord(args)) }
}

/** What stands behind the command's name, its first word read already. */
function readProgram(args: Scanner, word: string | undefined): SearchArguments {
  let returns: Returns | undefined
  let first = word
  if (first === 'RETURN') {
    returns = readReturns(args)
    first = firstWord(args)
  }
  if (first !== 'CHARSET') return { ...returns, ...readCriteria(args, undefined, first) }
  args.space()
  const charset = args.astring('a charset').toString('latin1')
  args.space()
  return { ...returns, ...readCriteria(args, charset) }
}

const firstWord = (args: Scanner) => (looksLikeSet(args.peek()) || args.atList ? undefined : args.word('a search key'))

/** The keys to the end of the command. @param first already read @throws BadCharset */
export function readCriteria(args: Scanner, charset: string | undefined, first?: string): SearchArguments {
  const reading = new KeyReader(args, charset)
  const keys = [reading.key(first)]
  while (args.maySpace()) {
    if (args.atEnd) break
    keys.push(reading.key())
  }
  args.end()
  return {
    key: keys.length === 1 ? keys[0]! : { key: 'and', of: keys },
    ...(charset === undefined ? {} : { charset: true }),
    modseq: reading.modseq,
  }
}

const flags: Record<string, string> = {
  ANSWERED: '\\Answered',
  DELETED: '\\Deleted',
  DRAFT: '\\Draft',
  FLAGGED: '\\Flagged',
  SEEN: '\\Seen',
}
const fields = new Set(['BCC', 'CC', 'FROM', 'SUBJECT', 'TO'])
const not = (of: AskedKey): AskedKey => ({ key: 'not', of })

class KeyReader {
  readonly #args: Scanner
  readonly #decode: (octets: Buffer) => string
  #keys = 0
  modseq = false

  constructor(args: Scanner, charset: string | undefined) {
    this.#args = args
    let decoder: TextDecoder
    try {
      decoder = new TextDecoder(charset ?? 'utf-8', { fatal: true, ignoreBOM: true })
    } catch {
      throw new BadCharset(charset)
    }
    this.#decode = (octets) => {
      try {
        return decoder.decode(octets)
      } catch {
        throw new BadSyntax(`a search string is not valid ${charset ?? 'UTF-8'}`)
      }
    }
  }

  #string(): string {
    this.#args.space()
    return this.#decode(this.#args.astring('a search string'))
  }

  #date(): number {
    this.#args.space()
    return readDate(this.#args.astring('a date').toString('latin1'))
  }

  #number(what: string): number {
    this.#args.space()
    return this.#args.number64(what)
  }

  /** RFC 5032 §3: nz-number */
  #interval(): number {
    const seconds = this.#number('seconds')
    if (seconds === 0) throw new BadSyntax('an interval of 0 seconds')
    return seconds
  }

  key(read?: string): AskedKey {
    const args = this.#args
    if (++this.#keys > maxSearchKeys) throw new BadSyntax(`a search may have ${maxSearchKeys} keys`)
    if (read === undefined) {
      if (args.atList) {
        const of = args.list(() => this.key(), { max: maxSearchKeys, empty: false })
        return of.length === 1 ? of[0]! : { key: 'and', of }
      }
      if (looksLikeSet(args.peek())) return { key: 'set', byUid: false, set: readSequenceSet(args) }
    }
    const name = read ?? args.word('a search key')
    if (flags[name]) return { key: 'flag', flag: flags[name] }
    if (name.startsWith('UN') && flags[name.slice(2)]) return not({ key: 'flag', flag: flags[name.slice(2)]! })
    if (fields.has(name)) return { key: 'header', name: name.toLowerCase(), value: this.#string() }
    return this.#other(name)
  }

  #other(name: string): AskedKey {
    const args = this.#args
    switch (name) {
      case 'ALL':
        return { key: 'all' }
      case 'NEW':
        return { key: 'and', of: [{ key: 'recent', recent: true }, not({ key: 'flag', flag: '\\Seen' })] }
      case 'OLD':
        return { key: 'recent', recent: false }
      case 'RECENT':
        return { key: 'recent', recent: true }
      case 'KEYWORD':
      case 'UNKEYWORD': {
        args.space()
        const flag: AskedKey = { key: 'flag', flag: args.atom('a keyword') }
        return name === 'KEYWORD' ? flag : not(flag)
      }
      case 'NOT':
        args.space()
        return args.nested(() => not(this.key()))
      case 'OR':
        return args.nested(() => {
          args.space()
          const one = this.key()
          args.space()
          return { key: 'or', of: [one, this.key()] }
        })
      case 'UID':
        args.space()
        return { key: 'set', byUid: true, set: readSequenceSet(args) }
      case 'LARGER':
        return { key: 'larger', octets: this.#number('a size') }
      case 'SMALLER':
        return { key: 'smaller', octets: this.#number('a size') }
      case 'BEFORE':
        return { key: 'internal', to: this.#date() }
      case 'SINCE':
        return { key: 'internal', from: this.#date() }
      case 'ON':
        return oneDay('internal', this.#date())
      case 'SAVEDBEFORE':
        return { key: 'saved', to: this.#date() }
      case 'SAVEDSINCE':
        return { key: 'saved', from: this.#date() }
      case 'SAVEDON':
        return oneDay('saved', this.#date())
      case 'SAVEDATESUPPORTED':
        return { key: 'all' } // every mailbox keeps it
      case 'SENTBEFORE':
        return { key: 'sent', to: this.#date() }
      case 'SENTSINCE':
        return { key: 'sent', from: this.#date() }
      case 'SENTON':
        return oneDay('sent', this.#date())
      case 'YOUNGER':
      case 'OLDER':
        return { key: name === 'YOUNGER' ? 'younger' : 'older', seconds: this.#interval() }
      case 'BODY':
        return { key: 'body', value: this.#string() }
      case 'TEXT':
        return { key: 'text', value: this.#string() }
      case 'HEADER': {
        const field = this.#string().toLowerCase()
        return { key: 'header', name: field, value: this.#string() }
      }
      case 'MODSEQ':
        return this.#modseq()
      case 'EMAILID':
        return this.#objectId('content', 'M')
      case 'THREADID':
        return this.#objectId('thread', 'T')
      default:
        throw new BadSyntax(`SEARCH does not know ${JSON.stringify(name.slice(0, 40))}`)
    }
  }

  /** An id that we never gave names nothing (RFC 8474 §5.4). */
  #objectId(key: 'content' | 'thread', letter: string): AskedKey {
    const id = this.#string()
    const n = id[0] === letter && /^.[1-9]\d{0,14}$/.test(id) ? Number(id.slice(1)) : 0
    return n ? { key, id: n } : { key: 'none' }
  }

  /** RFC 7162 §3.1.5: an entry name and type may stand before; we keep one mod-sequence for all flags. */
  #modseq(): AskedKey {
    const args = this.#args
    this.modseq = true
    args.space()
    if (args.is('"')) {
      args.string()
      args.space()
      args.word('priv, shared or all')
      args.space()
    }
    return { key: 'modseq', since: args.number64('a mod-sequence') }
  }
}

const oneDay = (key: 'internal' | 'saved' | 'sent', from: number): AskedKey => ({ key, from, to: from + dayMs })
