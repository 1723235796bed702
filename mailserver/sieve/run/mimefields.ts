/** :mime of header, address and exists (RFC 5703 §4): a part's own fields, and what stands inside Content-Type. */
import { readParameterised } from '#mailserver/mime/parameters.ts'
import type { Checker } from '../check/checker.ts'
import type { Args, TagSpec } from '../check/definition.ts'
import type { Machine } from './machine.ts'

export const mimeTags: Readonly<Record<string, TagSpec>> = {
  mime: { extension: 'mime' },
  anychild: { extension: 'mime' },
}
export const mimeOptionTags: Readonly<Record<string, TagSpec>> = {
  type: { extension: 'mime', group: 'of the field' },
  subtype: { extension: 'mime', group: 'of the field' },
  contenttype: { extension: 'mime', group: 'of the field' },
  param: { extension: 'mime', group: 'of the field', takes: 'strings' },
}
const needing = ['anychild', ...Object.keys(mimeOptionTags)]

export function checkMime(args: Args, c: Checker): void {
  if (args.tags.has('mime')) return
  for (const tag of needing) {
    const given = args.tags.get(tag)
    if (given) c.fault(given.at, `:${tag} cần có :mime`, `:${tag} needs :mime`)
  }
}

/** Values of a field, one character an octet: of the letter, or with :mime of the part that is looked at. */
export function* fieldValues(args: Args, m: Machine, name: string): Generator<string> {
  if (!args.tags.has('mime')) return yield* m.header.raw(name)
  for (const part of m.parts.inContext(args.tags.has('anychild'))) {
    m.spend(args.at, 1)
    // the letter's own header may have been edited
    yield* m.parts.isRoot(part) ? m.header.raw(name) : m.parts.raw(part, name)
  }
}

/** The piece of a structured field that a tag asks for; undefined: no tag does, and the field counts as it is. */
export function pieceOf(args: Args, m: Machine): ((name: string, value: string) => string[]) | undefined {
  const tag = Object.keys(mimeOptionTags).find((each) => args.tags.has(each))
  if (tag === undefined) return undefined
  const wanted = tag === 'param' ? m.strings(args.tags.get(tag)!.value).map((name) => name.toLowerCase()) : []
  return (name, value) => {
    // only these two are structured so (RFC 2045 §5.1, RFC 2183)
    if (!/^content-(type|disposition)$/i.test(name)) return []
    const read = readParameterised(value)
    if (tag === 'param')
      return wanted.flatMap((each) => (Object.hasOwn(read.decoded, each) ? [read.decoded[each]!] : []))
    const [type = '', subtype = ''] = read.value.split('/')
    if (tag === 'contenttype') return [read.value]
    return [tag === 'type' ? type : subtype]
  }
}
