/** What SORT, THREAD and PREVIEW ask of a message (RFC 5256, RFC 5957, RFC 8970), computed once at delivery. */
import { collationKey } from '#kit/vi/collate.ts'
import { type EnvelopeAddress, readEnvelopeAddresses } from '#mailserver/mime/addresses.ts'
import { guessBinary } from '#mailserver/mime/charset.ts'
import { readDate } from '#mailserver/mime/date.ts'
import { type Field, fieldOf } from '#mailserver/mime/fields.ts'
import { MAX_SORT_KEY } from '#mailserver/mime/limits.ts'
import { readMessageIds, referencesOf } from '#mailserver/mime/msgids.ts'
import type { Listing } from '#mailserver/mime/part.ts'
import { previewOf } from '#mailserver/mime/preview.ts'
import { baseSubject } from '#mailserver/mime/subject.ts'
import { decodeWords } from '#mailserver/mime/words.ts'

/**
 * @param text decoded text of the text parts, for the preview
 * @param subject decoded, on one line
 */
export function listingOf(
  fields: readonly Field[],
  text: string,
  subject = oneLine(decodeWords(fieldOf(fields, 'subject') ?? '')),
): Listing {
  const { base, reply } = baseSubject(subject)
  const first = (name: string) => firstAddress(fields, name)
  const [from, to, cc] = [first('from'), first('to'), first('cc')]
  const sentAt = readDate(fieldOf(fields, 'date'))
  return {
    subject: key(base),
    reply,
    from: key(mailboxOf(from)),
    to: key(mailboxOf(to)),
    cc: key(mailboxOf(cc)),
    fromName: key(nameOf(from)),
    toName: key(nameOf(to)),
    messageId: readMessageIds(fieldOf(fields, 'message-id'))[0] ?? '',
    references: referencesOf(fieldOf(fields, 'references'), fieldOf(fields, 'in-reply-to')),
    preview: previewOf(text),
    ...(sentAt === undefined ? {} : { sentAt }),
  }
}

const key = (text: string): string => collationKey(text.slice(0, MAX_SORT_KEY).toWellFormed())

function firstAddress(fields: readonly Field[], name: string): EnvelopeAddress | undefined {
  for (const field of fields) {
    if (field.name !== name) continue
    const [first] = readEnvelopeAddresses(field.value)
    if (first) return first
  }
  return undefined
}

/** addr-mailbox of ENVELOPE; a group has its name there (RFC 9051 §7.5.2). */
function mailboxOf(address: EnvelopeAddress | undefined): string {
  if (!address) return ''
  return 'group' in address ? guessBinary(address.group ?? '') : guessBinary(address.mailbox)
}

/** RFC 5957 §3: the display name, decoded, or the address where there is none. */
function nameOf(address: EnvelopeAddress | undefined): string {
  if (!address) return ''
  if ('group' in address) return oneLine(decodeWords(address.group ?? ''))
  const name = oneLine(decodeWords(address.name ?? ''))
  return name || guessBinary(address.host ? `${address.mailbox}@${address.host}` : address.mailbox)
}

const oneLine = (text: string): string => text.replaceAll(/[\s\0]+/g, ' ').trim()
