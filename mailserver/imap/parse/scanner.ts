/**
 * Reads the pieces of one command by the grammar of RFC 9051 §9 (and RFC 3501 §9). Pure: octets in, values
 * out. A line arrives as text pieces with literals between them; every method moves past what it read or
 * throws `BadSyntax`, whose message goes to the client after BAD.
 */
import { maxList, maxNesting } from '../limits.ts'

export class BadSyntax extends Error {
  override name = 'BadSyntax'
  /** response code */
  readonly code?: string
}

/** A sequence number of a client that enabled UIDONLY (RFC 9586 §3). */
export class UidRequired extends BadSyntax {
  override readonly code = 'UIDREQUIRED'
  constructor() {
    super('only UIDs after ENABLE UIDONLY')
  }
}

/** `text` is part of the line; a literal is data whatever it contains. */
export type Piece = { literal: false; octets: Buffer } | { literal: true; octets: Buffer; binary: boolean }

const SP = 32
const DQUOTE = 34
const BACKSLASH = 92
const OPEN = 40
const CLOSE = 41

/** atom-specials: ( ) { SP CTL % * " \ ] ; 8-bit octets are taken where a UTF-8 name may stand */
const isAtom = new Uint8Array(256)
for (let c = 33; c < 256; c++) isAtom[c] = c === 127 || '(){%*"\\]'.includes(String.fromCharCode(c)) ? 0 : 1
const isAstring = isAtom.slice()
isAstring[93] = 1 // "]" may stand in an astring
const isListChar = isAstring.slice()
isListChar[37] = 1 // list-wildcards
isListChar[42] = 1
const isTag = isAstring.slice()
isTag[43] = 0 // "+" would look like a continuation

export class Scanner {
  readonly #pieces: readonly Piece[]
  #piece = 0
  #at = 0
  #depth = 0

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
  }

  get #text(): Buffer | undefined {
    const piece = this.#pieces[this.#piece]
    return piece && !piece.literal ? piece.octets : undefined
  }

  /** The next octet of text, or undefined at a literal or the end. */
  peek(): number | undefined {
    const text = this.#text
    if (text && this.#at >= text.length) {
      const next = this.#pieces[this.#piece + 1]
      if (next && !next.literal) {
        this.#piece++
        this.#at = 0
        return this.peek()
      }
    }
    return text?.[this.#at]
  }

  get atLiteral(): boolean {
    const here = this.#pieces[this.#piece]
    if (here?.literal) return true
    return this.#at >= (here?.octets.length ?? 0) && (this.#pieces[this.#piece + 1]?.literal ?? false)
  }

  get atEnd(): boolean {
    return this.peek() === undefined && !this.atLiteral
  }

  /** The same place, to look ahead from. */
  fork(): Scanner {
    const other = new Scanner(this.#pieces)
    other.#piece = this.#piece
    other.#at = this.#at
    other.#depth = this.#depth
    return other
  }

  end(): void {
    if (!this.atEnd) throw new BadSyntax('unexpected text after the arguments')
  }

  is(char: string): boolean {
    return this.peek() === char.charCodeAt(0)
  }

  /** Takes this character if it is next. */
  took(char: string): boolean {
    if (!this.is(char)) return false
    this.#at++
    return true
  }

  expect(char: string): void {
    if (!this.took(char)) throw new BadSyntax(`expected "${char}"`)
  }

  /** One space; some old clients send several, which harms nobody. */
  space(): void {
    if (this.peek() !== SP) throw new BadSyntax('a space and an argument are missing')
    while (this.peek() === SP) this.#at++
  }

  /** A space if there is one, as before an optional argument. */
  maySpace(): boolean {
    if (this.peek() !== SP) return false
    this.space()
    return true
  }

  #run(table: Uint8Array, what: string): string {
    this.peek() // steps over the border of two text pieces
    const text = this.#text
    if (!text) throw new BadSyntax(`expected ${what}`)
    let end = this.#at
    while (end < text.length && table[text[end]!]) end++
    if (end === this.#at) throw new BadSyntax(`expected ${what}`)
    const run = text.toString('utf8', this.#at, end)
    this.#at = end
    return run
  }

  tag(): string {
    return this.#run(isTag, 'a tag')
  }

  atom(what = 'an atom'): string {
    return this.#run(isAtom, what)
  }

  /** An atom in capitals: keywords are case-insensitive everywhere. */
  word(what = 'a keyword'): string {
    return this.atom(what).toUpperCase()
  }

  /** A flag: "\" and an atom, or an atom. */
  flag(): string {
    return this.took('\\') ? `\\${this.atom('a flag')}` : this.atom('a flag')
  }

  /** 0 … 4,294,967,295 */
  number(what = 'a number'): number {
    const n = this.number64(what)
    if (n > 0xffff_ffff) throw new BadSyntax(`${what} is too large`)
    return n
  }

  /** number64 and mod-sequence-value, as far as a double counts exactly. */
  number64(what = 'a number'): number {
    this.peek()
    const text = this.#text
    let n = 0
    const start = this.#at
    for (let c = text?.[this.#at]; c !== undefined && c >= 48 && c <= 57; c = text?.[++this.#at]) {
      n = n * 10 + c - 48
      if (!Number.isSafeInteger(n)) throw new BadSyntax(`${what} is too large`)
    }
    if (this.#at === start) throw new BadSyntax(`expected ${what}`)
    return n
  }

  /** "…" with \" and \\ escaped. 8-bit octets are taken: old clients send them, UTF8=ACCEPT allows them. */
  #quoted(): Buffer {
    const text = this.#text!
    const out: number[] = []
    let at = this.#at + 1
    for (;;) {
      const c = text[at]
      if (c === undefined) throw new BadSyntax('a quoted string has no end')
      if (c === DQUOTE) break
      if (c === BACKSLASH) {
        const next = text[++at]
        if (next !== DQUOTE && next !== BACKSLASH)
          throw new BadSyntax('only \\" and \\\\ may be escaped in a quoted string')
        out.push(next)
      } else if (c === 0 || c === 13) throw new BadSyntax('NUL and CR may not stand in a quoted string')
      else out.push(c)
      at++
    }
    this.#at = at + 1
    return Buffer.from(out)
  }

  #literal(binary: boolean): Buffer | undefined {
    if (!this.atLiteral) return undefined
    if (!this.#pieces[this.#piece]!.literal) this.#piece++
    const piece = this.#pieces[this.#piece]! as Piece & { literal: true }
    if (piece.binary && !binary) throw new BadSyntax('a binary literal is not allowed here')
    this.#piece++
    this.#at = 0
    return piece.octets
  }

  /** quoted or literal */
  string(what = 'a string'): Buffer {
    if (this.is('"')) return this.#quoted()
    return this.#literal(false) ?? this.#fail(what)
  }

  /** The message of APPEND: literal or literal8. */
  message(): Buffer {
    return this.#literal(true) ?? this.#fail('a literal with the message')
  }

  /** atom or string; NIL is an ordinary atom here, as RFC 9051 §9 has it */
  astring(what = 'a string'): Buffer {
    if (this.is('"') || this.atLiteral) return this.string(what)
    return Buffer.from(this.#run(isAstring, what))
  }

  /** A pattern of LIST: like astring, with % and * allowed bare. */
  listPattern(): Buffer {
    if (this.is('"') || this.atLiteral) return this.string('a pattern')
    return Buffer.from(this.#run(isListChar, 'a pattern'))
  }

  /** string or NIL (undefined) */
  nstring(): Buffer | undefined {
    if (this.is('"') || this.atLiteral) return this.string()
    if (this.word('a string or NIL') !== 'NIL') throw new BadSyntax('expected a string or NIL')
    return undefined
  }

  /** ( element SP element … ), at most `max` of them; `empty` says whether () is legal. */
  list<T>(element: () => T, { max = maxList, empty = true }: { max?: number; empty?: boolean } = {}): T[] {
    this.expect('(')
    const all: T[] = []
    this.nested(() => {
      if (this.took(')')) {
        if (!empty) throw new BadSyntax('a list is empty')
        return
      }
      for (;;) {
        if (all.length >= max) throw new BadSyntax(`a list has more than ${max} elements`)
        all.push(element())
        if (this.took(')')) return
        this.space()
        if (this.took(')')) return // a space before ")" is sent by some
      }
    })
    return all
  }

  /** Runs a reader one level deeper; refuses what nests too deep. */
  nested<T>(read: () => T): T {
    if (++this.#depth > maxNesting) throw new BadSyntax(`nested deeper than ${maxNesting} levels`)
    const value = read()
    this.#depth--
    return value
  }

  get atList(): boolean {
    return this.peek() === OPEN
  }

  /** Does this text, in capitals, come next? Nothing is taken. */
  ahead(text: string): boolean {
    this.peek()
    return this.#text?.toString('latin1', this.#at, this.#at + text.length).toUpperCase() === text
  }

  get atClose(): boolean {
    return this.peek() === CLOSE
  }

  /** Characters up to a space, ")" or the end: for sequence sets and sections, which have grammars of their own. */
  upTo(stops: string): string {
    this.peek()
    const text = this.#text ?? this.#fail('an argument')
    let end = this.#at
    while (end < text.length && !stops.includes(String.fromCharCode(text[end]!))) end++
    const run = text.toString('latin1', this.#at, end)
    this.#at = end
    return run
  }

  #fail(what: string): never {
    throw new BadSyntax(`expected ${what}`)
  }
}

/** For readers that need text: invalid UTF-8 is refused, never replaced. */
export function utf8(octets: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    throw new BadSyntax(`${what} is not valid UTF-8`)
  }
}
