/** FETCH's arguments (RFC 9051 §6.4.5, RFC 3501 §6.4.5, RFC 7162 §3.1.4, RFC 8474 §5.3, RFC 8514, RFC 8970, RFC 9394) as values. */
import { maxNesting } from '../limits.ts'
import { type PartialRange, readPartialRange } from './returns.ts'
import { BadSyntax, type Scanner, utf8 } from './scanner.ts'
import { readSequenceSet, type SequenceSet } from './sequence.ts'

export type Section = {
  /** part numbers, "" for the message itself */
  part: string
  text: 'all' | 'header' | 'text' | 'mime' | 'fields' | 'fields-not'
  /** lower case */
  fields: readonly string[]
}
export type Partial = { from: number; count: number }
export type FetchItem =
  | {
      item:
        | 'uid'
        | 'flags'
        | 'internaldate'
        | 'size'
        | 'envelope'
        | 'body'
        | 'bodystructure'
        | 'modseq'
        | 'emailid'
        | 'threadid'
        | 'preview'
        | 'savedate'
    }
  /** `label`: how the answer names it, without the partial */
  | { item: 'section'; label: string; peek: boolean; section: Section; partial?: Partial }
  /** RFC 9051 §6.4.5: decoded octets of a part, or their number */
  | { item: 'binary'; label: string; peek: boolean; part: string; partial?: Partial }
  | { item: 'binary.size'; label: string; part: string }

export type FetchModifiers = {
  /** RFC 7162 §3.1.4.1 */
  changedSince?: number
  /** RFC 7162 §3.2.6 */
  vanished?: true
  /** RFC 9394 §3.3 */
  partial?: PartialRange
}
export type FetchArguments = { set: SequenceSet; items: FetchItem[] } & FetchModifiers

const simple = new Map<string, FetchItem['item']>([
  ['UID', 'uid'],
  ['FLAGS', 'flags'],
  ['INTERNALDATE', 'internaldate'],
  ['RFC822.SIZE', 'size'],
  ['ENVELOPE', 'envelope'],
  ['BODYSTRUCTURE', 'bodystructure'],
  ['MODSEQ', 'modseq'],
  ['EMAILID', 'emailid'],
  ['THREADID', 'threadid'],
  ['SAVEDATE', 'savedate'],
])
const macros = new Map([
  ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
  ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
  ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
])
const whole: Section = { part: '', text: 'all', fields: [] }
const old = new Map<string, FetchItem>([
  ['RFC822', { item: 'section', label: 'RFC822', peek: false, section: whole }],
  ['RFC822.HEADER', { item: 'section', label: 'RFC822.HEADER', peek: true, section: { ...whole, text: 'header' } }],
  ['RFC822.TEXT', { item: 'section', label: 'RFC822.TEXT', peek: false, section: { ...whole, text: 'text' } }],
])

export function readFetch(args: Scanner): FetchArguments {
  args.space()
  const set = readSequenceSet(args)
  args.space()
  const items = args.atList ? once(args.list(() => readItem(args), { empty: false })) : readMacroOrItem(args)
  const modifiers = args.maySpace() ? readModifiers(args) : {}
  args.end()
  return { set, items, ...modifiers }
}

/** Each item once: five hundred times the same body would be asked for with one short line. */
function once(items: readonly FetchItem[]): FetchItem[] {
  const seen = new Map(items.map((item) => [JSON.stringify(item), item]))
  return [...seen.values()]
}

function readMacroOrItem(args: Scanner): FetchItem[] {
  const name = args.upTo(' [<').toUpperCase()
  const macro = macros.get(name)
  if (macro)
    return macro.map((each) => (each === 'BODY' ? { item: 'body' } : ({ item: simple.get(each)! } as FetchItem)))
  return [readNamed(args, name)]
}

export const readItem = (args: Scanner): FetchItem => readNamed(args, args.upTo(' [<)').toUpperCase())

function readNamed(args: Scanner, name: string): FetchItem {
  const plain = simple.get(name)
  if (plain) return { item: plain } as FetchItem
  if (name === 'PREVIEW') return readPreview(args)
  const rfc822 = old.get(name)
  if (rfc822) return rfc822
  if (name === 'BODY' || name === 'BODY.PEEK') {
    if (!args.is('[')) {
      if (name === 'BODY') return { item: 'body' }
      throw new BadSyntax('BODY.PEEK wants a section')
    }
    const section = readSection(args)
    const partial = readPartial(args)
    return {
      item: 'section',
      label: `BODY[${nameOf(section)}]`,
      peek: name === 'BODY.PEEK',
      section,
      ...(partial ? { partial } : {}),
    }
  }
  if (name === 'BINARY' || name === 'BINARY.PEEK' || name === 'BINARY.SIZE') {
    args.expect('[')
    const part = readPart(args.upTo(']'))
    args.expect(']')
    if (name === 'BINARY.SIZE') return { item: 'binary.size', label: `BINARY.SIZE[${part}]`, part }
    const partial = readPartial(args)
    return {
      item: 'binary',
      label: `BINARY[${part}]`,
      peek: name === 'BINARY.PEEK',
      part,
      ...(partial ? { partial } : {}),
    }
  }
  throw new BadSyntax(`FETCH does not know ${JSON.stringify(name.slice(0, 40))}`)
}

const texts = {
  HEADER: 'header',
  TEXT: 'text',
  MIME: 'mime',
  'HEADER.FIELDS': 'fields',
  'HEADER.FIELDS.NOT': 'fields-not',
} as const

/** `[…]` of BODY. @throws BadSyntax */
export function readSection(args: Scanner): Section {
  args.expect('[')
  const spec = args.upTo(' ]').toUpperCase()
  const m = /^((?:\d+\.)*\d+)?(?:(?:^|\.)(HEADER|TEXT|MIME|HEADER\.FIELDS|HEADER\.FIELDS\.NOT))?$/.exec(
    spec.slice(0, 1000),
  )
  if (!m || spec.length > 1000) throw new BadSyntax('a section is not well formed')
  const part = readPart(m[1] ?? '')
  const text = m[2] ? texts[m[2] as keyof typeof texts] : 'all'
  if (text === 'mime' && part === '') throw new BadSyntax('MIME wants a part number')
  let fields: string[] = []
  if (text === 'fields' || text === 'fields-not') {
    args.space()
    fields = args.list(() => utf8(args.astring('a field name'), 'a field name').toLowerCase(), { empty: false })
    for (const field of fields)
      if (!/^[\x21-\x39\x3b-\x7e]+$/.test(field)) throw new BadSyntax('a field name is not well formed')
  }
  args.expect(']')
  return { part, text, fields }
}

/** "1.2.3", at most as deep as structures are. */
function readPart(text: string): string {
  if (text === '') return ''
  const numbers = text.split('.')
  if (numbers.length > maxNesting * 8) throw new BadSyntax('a part number is too deep')
  for (const n of numbers) if (!/^[1-9]\d{0,8}$/.test(n)) throw new BadSyntax('a part number is not well formed')
  return text
}

function readPartial(args: Scanner): Partial | undefined {
  if (!args.took('<')) return undefined
  const from = args.number64('the start of a partial')
  args.expect('.')
  const count = args.number64('the length of a partial')
  args.expect('>')
  if (count === 0) throw new BadSyntax('a partial of no octets')
  return { from, count }
}

function nameOf({ part, text, fields }: Section): string {
  if (text === 'all') return part
  const name = {
    header: 'HEADER',
    text: 'TEXT',
    mime: 'MIME',
    fields: 'HEADER.FIELDS',
    'fields-not': 'HEADER.FIELDS.NOT',
  }[text]
  const list = fields.length
    ? ` (${fields.map((field) => (/[(){%*"\\\]]/.test(field) ? `"${field.replaceAll(/["\\]/g, '\\$&')}"` : field.toUpperCase())).join(' ')})`
    : ''
  return `${part && `${part}.`}${name}${list}`
}

/** RFC 8970 §3.2: LAZY allows to say nothing; every preview is ready, so it makes no difference. */
function readPreview(args: Scanner): FetchItem {
  if (args.ahead(' (LAZY')) {
    args.space()
    args.list(() => {
      if (args.word('LAZY') !== 'LAZY') throw new BadSyntax('PREVIEW knows the modifier LAZY only')
    })
  }
  return { item: 'preview' }
}

function readModifiers(args: Scanner): FetchModifiers {
  const found: FetchModifiers = {}
  args.list(
    () => {
      const name = args.word('a modifier')
      if (name === 'VANISHED') found.vanished = true
      else if (name === 'PARTIAL' && !found.partial) found.partial = readPartialRange(args)
      else if (name === 'CHANGEDSINCE' && found.changedSince === undefined) {
        args.space()
        found.changedSince = args.number64('a mod-sequence')
      } else throw new BadSyntax(`FETCH does not know the modifier ${name.slice(0, 40)}, or not twice`)
    },
    { empty: false },
  )
  return found
}
