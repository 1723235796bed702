/**
 * What the store keeps beside a message's octets, computed once at delivery: linear in the message, bounded
 * (`limits.ts`), and never throwing, whatever the octets are. The octets themselves are not touched.
 */
import { readDate } from '#mailserver/mime/date.ts'
import { envelopeOf } from '#mailserver/mime/envelope.ts'
import type { Field } from '#mailserver/mime/fields.ts'
import { fieldOf } from '#mailserver/mime/fields.ts'
import { listingOf } from '#mailserver/mime/listing.ts'
import type { MimeIndex } from '#mailserver/mime/part.ts'
import { structureOf } from '#mailserver/mime/structure.ts'
import { searchText } from '#mailserver/mime/text.ts'
import { readTree } from '#mailserver/mime/tree.ts'
import { decodeWords } from '#mailserver/mime/words.ts'

export function indexMessage(raw: Uint8Array): MimeIndex {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const tree = readTree(octets)
  const { fields } = tree.headers.get(tree.root)!
  const text = searchText(octets, tree.root)
  const sentAt = readDate(fieldOf(fields, 'date'))
  const subject = oneLine(decodeWords(fieldOf(fields, 'subject') ?? ''))
  return {
    envelope: envelopeOf(fields),
    ...structureOf(tree),
    structure: tree.root,
    lineExtra: tree.lineExtra,
    subject,
    headerText: headerText(fields),
    text,
    listing: listingOf(fields, text, subject),
    messageId: readMessageId(fieldOf(fields, 'message-id')),
    ...(sentAt === undefined ? {} : { sentAt }),
  }
}

function headerText(fields: readonly Field[]): string {
  let text = ''
  for (const f of fields) text += `${f.written}: ${oneLine(decodeWords(f.value))}\n`
  return text
}

/** RFC 5322 §3.6.4; programs that forget the brackets are taken at their word. */
export function readMessageId(value: string | undefined): string {
  if (value === undefined) return ''
  return (/<([^<>]*)>/.exec(value)?.[1]?.trim() ?? value.trim().split(/\s/, 1)[0]!).slice(0, 998)
}

function oneLine(text: string): string {
  // most fields are one line as they are
  return (/[^\S ]|\0| {2}/.test(text) ? text.replaceAll(/[\s\0]+/g, ' ') : text).trim()
}
