/** The header as the script sees it, with what addheader and deleteheader made of it (RFC 5293). */
import type { Field } from '#mailserver/mime/fields.ts'
import { decodeWords } from '#mailserver/mime/words.ts'
import type { Edit } from './facts.ts'

type Held = { field: Field; original?: number }

export class Header {
  #fields: Held[]
  readonly #without: number[] = []
  #top = ''
  #bottom = ''

  constructor(fields: readonly Field[]) {
    this.#fields = fields.map((field, original) => ({ field, original }))
  }

  /** Values as they stand, one character an octet, in order from the top. */
  raw(name: string): string[] {
    const wanted = name.toLowerCase()
    return this.#fields.filter((h) => h.field.name === wanted).map((h) => h.field.value)
  }

  /** Values in Unicode (RFC 5228 §2.7.2: encoded words are decoded before comparing). */
  decoded(name: string): string[] {
    return this.raw(name).map((v) => decodeWords(v))
  }

  has(name: string): boolean {
    const wanted = name.toLowerCase()
    return this.#fields.some((h) => h.field.name === wanted)
  }

  /** @param value Unicode; @param line the folded, encoded field, CRLF-ended */
  add(name: string, value: string, line: string, last: boolean): void {
    const held = { field: { name: name.toLowerCase(), written: name, value: Buffer.from(value).toString('latin1') } }
    if (last) {
      this.#fields.push(held)
      this.#bottom += line
    } else {
      this.#fields.unshift(held)
      this.#top = line + this.#top
    }
  }

  /** @param drop decides by the value (Unicode) and the place among the fields of that name, from 0 */
  remove(name: string, drop: (value: string, place: number, of: number) => boolean): void {
    const wanted = name.toLowerCase()
    const named = this.#fields.filter((h) => h.field.name === wanted)
    const gone = new Set(named.filter((h, i) => drop(decodeWords(h.field.value), i, named.length)))
    if (gone.size === 0) return
    for (const h of gone) if (h.original !== undefined) this.#without.push(h.original)
    this.#fields = this.#fields.filter((h) => !gone.has(h))
    // what was added and taken out again is written by what is left
    if ([...gone].some((h) => h.original === undefined)) this.#rewrite()
  }

  #rewrite(): void {
    const added = this.#fields.filter((h) => h.original === undefined)
    const first = this.#fields.findIndex((h) => h.original !== undefined)
    const write = (h: Held) => `${h.field.written}: ${Buffer.from(h.field.value, 'latin1').toString('utf8')}\r\n`
    this.#top = added
      .filter((h) => first < 0 || this.#fields.indexOf(h) < first)
      .map(write)
      .join('')
    this.#bottom = added
      .filter((h) => first >= 0 && this.#fields.indexOf(h) > first)
      .map(write)
      .join('')
  }

  /** What has been changed so far; undefined: nothing. */
  edit(): Edit | undefined {
    if (this.#top === '' && this.#bottom === '' && this.#without.length === 0) return undefined
    return { top: this.#top, bottom: this.#bottom, without: [...this.#without].sort((a, b) => a - b) }
  }
}
