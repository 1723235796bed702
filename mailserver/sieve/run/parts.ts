/** The letter's MIME parts as a script walks through them (RFC 5703). */
import { decodeCharset } from '#mailserver/mime/charset.ts'
import { htmlText } from '#mailserver/mime/html.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import { undone } from '#mailserver/mime/text.ts'
import { readTree, type Tree } from '#mailserver/mime/tree.ts'
import type { Facts } from './facts.ts'

/** base64 of letters of three octets, or markup of ten times its text */
const ENCODED = 10

export class Parts {
  readonly #facts: Facts
  #tree: (Tree & { raw: Buffer }) | undefined
  /** the part that `foreverypart` is at */
  current: MimePart | undefined

  constructor(facts: Facts) {
    this.#facts = facts
  }

  get #read(): (Tree & { raw: Buffer }) | undefined {
    const { raw } = this.#facts
    if (!this.#tree && raw) {
      const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
      this.#tree = { raw: octets, ...readTree(octets) }
    }
    return this.#tree
  }

  /** What a loop at this place goes through, depth first: the whole letter, or in a loop the parts below the one it is at (§3). */
  *walked(): Generator<MimePart> {
    const { current } = this
    if (current) for (const child of current.children) yield* below(child)
    else if (this.#read) yield* below(this.#read.root)
  }

  /** What a test with :mime looks at; with `all` (:anychild) also the parts below it (§4). */
  *inContext(all: boolean): Generator<MimePart> {
    const from = this.current ?? this.#read?.root
    if (from && all) yield* below(from)
    else if (from) yield from
  }

  isRoot(part: MimePart): boolean {
    return part === this.#read?.root
  }

  /** Values of a field of a part's own header, one character an octet. */
  raw(part: MimePart, name: string): string[] {
    const wanted = name.toLowerCase()
    const fields = this.#read?.headers.get(part)?.fields ?? []
    return fields.filter((field) => field.name === wanted).map((field) => field.value)
  }

  /** What the part says, without the tags of HTML; "" where it is no text. @param most characters */
  text(part: MimePart, most: number): string {
    if (!this.#read || !part.type.startsWith('text/')) return ''
    const end = Math.min(part.bodyEnd, part.bodyStart + most * ENCODED)
    const octets = undone(this.#read.raw.subarray(part.bodyStart, end), part.encoding)
    const text = decodeCharset(octets, part.parameters['charset'] ?? '')
    return (part.type === 'text/html' ? htmlText(text) : text).slice(0, most)
  }
}

function* below(part: MimePart): Generator<MimePart> {
  yield part
  for (const child of part.children) yield* below(child)
}
