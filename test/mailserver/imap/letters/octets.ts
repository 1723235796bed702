/** Differences in the octets of a section. */
import type { MimePart } from '#mailserver/mime/part.ts'
import type { Answers } from './beside.ts'
import type { Difference } from './differences.ts'
import { same } from './differences.ts'
import type { Reading } from './reading.ts'
import { endsInHeader, isText } from './rules.ts'

type OctetRule = {
  why: string
  explains: (d: Difference, reading: Reading, answers: { ours: Answers; theirs: Answers }) => boolean
}

export const octets: readonly OctetRule[] = [
  {
    why: 'a part that is not there is NIL (RFC 9051 §6.4.5 leaves it open); Dovecot gives an empty string',
    explains: ({ item, part, ours, theirs }, reading) =>
      ours === null &&
      theirs === '=' &&
      (reading.named(part) === undefined ||
        (/\.(HEADER|TEXT)/.test(item) && !reading.named(part)!.type.startsWith('message/'))),
  },
  {
    why: 'a part that is neither multipart nor message has no parts below it (RFC 9051 §6.4.5.1); Dovecot takes the first one for itself',
    explains: ({ item, part, ours, theirs }, reading, { theirs: all }) => {
      const above = item.replace(/(\d)\.1(?=[.\]])/, '$1')
      return (
        ours === null && above !== item && reading.named(part) === undefined && same(theirs, all.get(above) ?? null)
      )
    },
  },
  {
    why: 'a multipart whose boundary never comes has no parts; asked for the first one, we give its text, so that nothing is lost, Dovecot nothing (RFC 2046 §5.1.1 demands one)',
    explains: ({ item, part, ours, theirs }, reading) => {
      const empty = withoutParts(reading, part.replace(/\.?1$/, ''))
      if (theirs !== '=' || !/(^|\.)1$/.test(part) || !empty) return false
      const from = item.includes('.MIME') ? empty.headerStart : empty.bodyStart
      const text = reading.text.slice(from, item.includes('.MIME') ? empty.headerEnd : empty.bodyEnd)
      const [, start, count] = /<(\d+)\.(\d+)>/.exec(item) ?? [0, 0, text.length]
      return ours === `=${text.slice(Number(start), Number(start) + Number(count))}`
    },
  },
  {
    why: 'the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1); Dovecot counts it to a multipart, or a message without a body, that ends there',
    explains: ({ part, ours, theirs }, reading) => {
      const named = reading.named(part)
      const more = isText(ours) && isText(theirs) && theirs.startsWith(ours) ? theirs.slice(ours.length) : '?'
      return /^\r?\n?$/.test(more) && (named?.type.startsWith('multipart/') === true || endsInHeader(named))
    },
  },
  {
    why: 'an empty line that ends the header of a part ends it also when a boundary follows; Dovecot gives it to the boundary (RFC 2046 §5.1)',
    explains: ({ item, ours, theirs }) => /\.(MIME|HEADER)/.test(item) && isText(theirs) && ours === `${theirs}\r\n`,
  },
  {
    why: 'fields asked for are followed by the empty line, whether the header has one or not (RFC 9051 §6.4.5.1)',
    explains: ({ item, ours, theirs }, reading) =>
      item.includes('HEADER.FIELDS') &&
      isText(ours) &&
      isText(theirs) &&
      ours.replace(/(\r\n)+$/, '') === theirs.replace(/(\r\n)+$/, '') &&
      !reading.header('').endsWith('\r\n\r\n'),
  },
  {
    why: 'a line that continues no field belongs to none (RFC 5322 §2.2.3); Dovecot takes it for the first',
    explains: ({ item }, reading) => item.includes('HEADER') && /^[ \t]/.test(reading.text),
  },
]

/** the multipart with this number, or inside the message with it, when it has no parts */
function withoutParts(reading: Reading, path: string): MimePart | undefined {
  let part = reading.named(path)
  while (part?.type.startsWith('message/')) part = part.children[0]
  return part?.type.startsWith('multipart/') && part.children.length === 0 ? part : undefined
}
