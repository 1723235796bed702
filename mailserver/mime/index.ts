/**
 * What the store keeps beside a message's octets, computed once at delivery: linear in the message, bounded
 * (`limits.ts`), and never throwing, whatever the octets are. The octets themselves are not touched.
 */
import { envelopeOf } from '#mailserver/mime/envelope.ts'
import type { Field } from '#mailserver/mime/fields.ts'
import { fieldOf } from '#mailserver/mime/fields.ts'
import type { MimeIndex } from '#mailserver/mime/part.ts'
import { structureOf } from '#mailserver/mime/structure.ts'
import { searchText } from '#mailserver/mime/text.ts'
import { readTree } from '#mailserver/mime/tree.ts'
import { decodeWords } from '#mailserver/mime/words.ts'

/** Date fields of mail programs are 31 characters, with a zone in a comment 40. */
const MAX_DATE = 100

export function indexMessage(raw: Uint8Array): MimeIndex {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const tree = readTree(octets)
  const { fields } = tree.headers.get(tree.root)!
  const sentAt = readDate(fieldOf(fields, 'date'))
  return {
    envelope: envelopeOf(fields),
    bodyStructure: structureOf(tree, true),
    body: structureOf(tree, false),
    structure: tree.root,
    subject: oneLine(decodeWords(fieldOf(fields, 'subject') ?? '')),
    headerText: headerText(fields),
    text: searchText(octets, tree.root),
    messageId: readMessageId(fieldOf(fields, 'message-id')),
    ...(sentAt === undefined ? {} : { sentAt }),
  }
}

function headerText(fields: readonly Field[]): string {
  return fields.map((f) => `${f.written}: ${oneLine(decodeWords(f.value))}\n`).join('')
}

/** RFC 5322 §3.6.4; programs that forget the brackets are taken at their word. */
export function readMessageId(value: string | undefined): string {
  if (value === undefined) return ''
  return (/<([^<>]*)>/.exec(value)?.[1]?.trim() ?? value.trim().split(/\s/, 1)[0]!).slice(0, 998)
}

/** RFC 5322 §3.3, obsolete zones and comments included. */
export function readDate(value: string | undefined): number | undefined {
  if (value === undefined || value.length > MAX_DATE) return undefined
  const time = Date.parse(value.replaceAll(/\([^()]*\)/g, ' ').trim())
  return Number.isNaN(time) ? undefined : time
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\0]+/g, ' ').trim()
}
