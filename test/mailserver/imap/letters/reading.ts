/** What a rule may ask of a letter: its parts by the numbers of `Difference`, their headers as they stand. */
import { findPart } from '#mailserver/imap/write/sections.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import { readTree } from '#mailserver/mime/tree.ts'

export class Reading {
  readonly text: string
  readonly #root: MimePart

  constructor(raw: Buffer) {
    this.text = raw.toString('latin1')
    this.#root = readTree(raw).root
  }

  /** @param path "1.2", ">" for the message inside a message, "1.2>" for that of part 1.2 */
  part(path: string): MimePart | undefined {
    let part: MimePart | undefined = this.#root
    for (const [step] of path.matchAll(/>|\d+/g)) {
      if (step === '>') part = part?.children[0]
      else {
        // a message's parts are those of what is inside it
        while (part?.type.startsWith('message/') && part.children[0]) part = part.children[0]
        part = part?.children[Number(step) - 1]
      }
    }
    return part
  }

  /** the part that a section's number names: of a letter that is a message itself, 1 is that message */
  named(number: string): MimePart | undefined {
    return findPart(this.#root, number)
  }

  /** with the empty line that ends it, where it has one */
  header(path: string): string {
    const part = this.part(path)
    return part ? this.text.slice(part.headerStart, part.headerEnd) : ''
  }

  /** its header says so: a message has MIME-Version, or is no message of its own but a part of a multipart */
  isMime(path: string): boolean {
    if (/\d$/.test(path)) return true
    return /^mime-version[ \t]*:/im.test(this.header(path))
  }

  /** every value that the header has for this field, unfolded, without the blank before it */
  values(path: string, name: string): string[] {
    return [...this.header(path).matchAll(/^([!-9;-~]+)[ \t]*:[ \t]*((?:[^\r\n]|\r\n(?=[ \t]))*)/gm)]
      .filter(([, written]) => written!.toLowerCase() === name.toLowerCase())
      .map(([, , value]) => value!.replaceAll('\r\n', ''))
  }
}
