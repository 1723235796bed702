/** Differences in one field of an envelope or of a part. */
import { guessBinary } from '#mailserver/mime/charset.ts'
import type { MimePart } from '#mailserver/mime/part.ts'
import { addressRules } from './addressrules.ts'
import type { Value } from './answer.ts'
import type { Difference, Field } from './differences.ts'
import { same } from './differences.ts'
import type { Reading } from './reading.ts'

export type Pair = { ours: Value; theirs: Value }
export type Rule = { why: string; fields: readonly Field[]; level: (d: Difference, reading: Reading) => Partial<Pair> }

export const isText = (value: Value | undefined): value is string => typeof value === 'string' && value.startsWith('=')
const contentOnly = ['id', 'description', 'encoding', 'disposition', 'md5', 'language', 'location'] as const
const texts = ['envelope subject', 'description'] as const
const people = [
  ...['envelope from', 'envelope sender', 'envelope reply-to', 'envelope to', 'envelope cc', 'envelope bcc'],
] as Field[]

/** Every text of a value. */
export const eachText = (value: Value, change: (text: string) => string): Value =>
  Array.isArray(value)
    ? value.map((one) => eachText(one, change))
    : isText(value)
      ? `=${change(value.slice(1))}`
      : value

/** What RFC 9051 calls a list of strings as pairs, with every second one changed: names of parameters. */
const names = (value: Value, change: (name: Value) => Value): Value =>
  Array.isArray(value) ? value.map((one, n) => (n % 2 === 0 ? change(one) : one)) : value
const lower = (value: Value): Value => (isText(value) ? value.toLowerCase() : value)
/** The parameters of a part or of its disposition. */
const onParameters = (d: Difference, value: Value, change: (list: Value) => Value): Value =>
  d.field === 'parameters' ? change(value) : Array.isArray(value) ? [value[0]!, change(value[1] ?? null)] : value

export const rules: readonly Rule[] = [
  {
    why: 'one language is told as a string; Dovecot tells a list of one (RFC 9051 §9, body-fld-lang, has both)',
    fields: ['language'],
    level: (d) => (isText(d.ours) ? { ours: [d.ours] } : {}),
  },
  {
    why: 'a message without MIME-Version may have Content fields that count (RFC 2045 §4 leaves it to the reader); Dovecot tells its type alone',
    fields: contentOnly,
    level: (d, reading) => {
      const nothing = d.field === 'encoding' ? '=7bit' : null
      return same(d.theirs, nothing) && !reading.isMime(d.part) ? { ours: nothing } : {}
    },
  },
  {
    why: 'type, subtype, encoding and disposition are told in lower case: they have none (RFC 2045 §5.1, §6.1, RFC 2183 §2)',
    fields: ['type', 'subtype', 'encoding', 'disposition'],
    level: (d) => ({
      theirs: Array.isArray(d.theirs) ? [lower(d.theirs[0]!), ...d.theirs.slice(1)] : lower(d.theirs),
    }),
  },
  {
    why: 'names of parameters are told in lower case: they have none (RFC 2045 §5.1)',
    fields: ['parameters', 'disposition'],
    level: (d) => ({ theirs: onParameters(d, d.theirs, (list) => names(list, lower)) }),
  },
  {
    why: 'a type that cannot be read is text/plain (RFC 2045 §5.2); Dovecot tells an empty subtype',
    fields: ['subtype'],
    level: (d, reading) => (d.theirs === '=' && unreadable(reading, d.part) ? { theirs: '=plain' } : {}),
  },
  {
    why: 'text without a charset is told so; Dovecot adds US-ASCII (RFC 2046 §4.1.2 has it as the default)',
    fields: ['parameters'],
    level: (d, reading) =>
      reading.part(d.part)?.type.startsWith('text/') &&
      !(Array.isArray(d.ours) && d.ours.some((one, n) => n % 2 === 0 && one === '=charset')) &&
      Array.isArray(d.theirs) &&
      same(d.theirs.slice(-2), ['=charset', '=us-ascii'])
        ? { theirs: d.theirs.length === 2 ? null : d.theirs.slice(0, -2) }
        : {},
  },
  {
    why: 'a parameter without a name is none (RFC 2045 §5.1); Dovecot tells it with an empty one',
    fields: ['parameters'],
    level: (d) => ({ theirs: withoutPairs(d.theirs, (name) => name === '=') }),
  },
  {
    why: 'a value whose quotes are never closed is taken to the end; Dovecot leaves the parameter out (RFC 2045 §5.1 forbids it)',
    fields: ['parameters', 'disposition'],
    level: (d, reading) =>
      fieldsOf(reading, d).some((value) => value.replaceAll(/\\./g, '').split('"').length % 2 === 0)
        ? {
            ours: onParameters(d, d.ours, (list) =>
              Array.isArray(list) && list.length > 2 ? list.slice(0, -2) : null,
            ),
          }
        : {},
  },
  {
    why: 'a value that needs quotes and has none is taken to the semicolon; Dovecot takes its first word (RFC 2045 §5.1 forbids it)',
    fields: ['parameters', 'disposition'],
    level: (d, reading) => {
      const written = fieldsOf(reading, d).join('\n')
      const first = (value: Value) =>
        isText(value) && value.includes(' ') && !written.includes(`"${value.slice(1)}"`)
          ? value.replace(/[ \t(].*$/s, '')
          : value
      return { ours: onParameters(d, d.ours, (list) => (Array.isArray(list) ? list.map(first) : list)) }
    },
  },
  {
    why: 'parameters in pieces are told as they stand, for clients to join (RFC 2231 §3); Dovecot joins them',
    fields: ['parameters', 'disposition'],
    level: (d, reading) =>
      fieldsOf(reading, d).some((value) => /\*\d/.test(value)) ? { ours: onParameters(d, d.ours, joined) } : {},
  },
  {
    why: 'a disposition without a value is none (RFC 2183 §2)',
    fields: ['disposition'],
    level: (d) => (d.ours === null && Array.isArray(d.theirs) && d.theirs[0] === '=' ? { theirs: null } : {}),
  },
  {
    why: 'the first word of an encoding counts, in quotes or with more behind it; Dovecot says 7bit (RFC 2045 §6.1 wants one token)',
    fields: ['encoding'],
    level: (d, reading) =>
      d.theirs === '=7bit' &&
      reading.values(d.part, 'content-transfer-encoding').some((value) => !/^[\w-]+[ \t]*(\(.*\))?[ \t]*$/.test(value))
        ? { theirs: d.ours }
        : {},
  },
  {
    why: 'the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1); Dovecot counts it to a message that ends in its header',
    fields: ['size', 'lines'],
    level: (d, reading) =>
      endsInHeader(reading.part(d.part)) ? { theirs: String(Number(d.theirs) - (d.field === 'size' ? 2 : 1)) } : {},
  },
  {
    why: '8-bit text that is no UTF-8 is told as UTF-8, since strings are (RFC 9051 §4.3); Dovecot passes its octets on',
    fields: [...texts, ...people, 'parameters', 'disposition', 'location'],
    level: (d) => ({ theirs: eachText(d.theirs, asUtf8) }),
  },
  {
    why: 'blanks of an unfolded text stay as they are (RFC 5322 §2.2.3); Dovecot makes one of several',
    fields: texts,
    level: (d) => ({ ours: eachText(d.ours, (text) => text.replaceAll(/[ \t]+/g, ' ').trim()) }),
  },
  {
    why: 'blanks behind a date are no part of it (RFC 5322 §3.3); Dovecot tells them',
    fields: ['envelope date', 'envelope message-id', 'envelope in-reply-to'],
    level: (d) => ({ theirs: eachText(d.theirs, (text) => text.replace(/[ \t]+$/, '')) }),
  },
  {
    why: 'of a field that may stand once (RFC 5322 §3.6) the first counts; for Dovecot the last',
    fields: [
      ...texts,
      'envelope date',
      'envelope message-id',
      'envelope in-reply-to',
      'id',
      'md5',
      'location',
      'encoding',
    ],
    level: (d, reading) => {
      const all = reading.values(headerOf(d), nameOf(d.field))
      const [first, last] = [all[0], all.at(-1)].map((value) => eachText(`=${value?.trim() ?? ''}`, told))
      const theirs = eachText(d.theirs, told)
      return all.length > 1 && same(eachText(d.ours, told), first!) && (same(theirs, last!) || theirs === null)
        ? { theirs: d.ours }
        : {}
    },
  },
  {
    why: 'of several dispositions the first counts (RFC 2183 §2 has one); for Dovecot the last',
    fields: ['disposition'],
    level: (d, reading) => {
      const all = fieldsOf(reading, d)
      const said = Array.isArray(d.theirs) ? String(d.theirs[0]).slice(1) : ''
      return all.length > 1 && said !== '' && all.at(-1)!.toLowerCase().startsWith(said) ? { theirs: d.ours } : {}
    },
  },
  ...addressRules(people),
]

const told = (text: string): string => asUtf8(text.replaceAll(/[ \t]+/g, ' ').trim())
/** whose header has the field: the envelope of a message part is that of the message inside it */
export const headerOf = ({ field, item, part }: Difference): string =>
  field.startsWith('envelope ') && item !== 'ENVELOPE' ? `${part}>` : part
export const nameOf = (field: Field): string =>
  field.startsWith('envelope ')
    ? field.slice('envelope '.length)
    : field === 'encoding'
      ? 'content-transfer-encoding'
      : `content-${field}`
const fieldsOf = (reading: Reading, d: Difference): string[] =>
  reading.values(d.part, d.field === 'parameters' ? 'content-type' : 'content-disposition')

/** latin1 of it as UTF-8, as strings of an answer are read here */
function asUtf8(octets: string): string {
  if (!/[\x80-\xff]/.test(octets)) return octets
  return Buffer.from(guessBinary(octets)).toString('latin1')
}

/** A header without a Content-Type that has a type and a subtype. */
export function unreadable(reading: Reading, part: string): boolean {
  const [written] = reading.values(part, 'content-type')
  return (
    written !== undefined &&
    !/^(\([^()]*\)|[ \t])*[^\s;/()]+(\([^()]*\)|[ \t])*\/(\([^()]*\)|[ \t])*[^\s;/()]+[ \t]*(;|\(|$)/.test(written)
  )
}

/** a message within another that ends in its header, or in a multipart, to which Dovecot counts the line end too */
export function endsInHeader(part: MimePart | undefined): boolean {
  const inside = part?.type.startsWith('message/') ? part.children[0] : undefined
  return inside !== undefined && (inside.bodyEnd === inside.bodyStart || inside.type.startsWith('multipart/'))
}

function withoutPairs(value: Value, gone: (name: Value) => boolean): Value {
  if (!Array.isArray(value)) return value
  const left = value.flatMap((one, n) => (n % 2 === 0 && !gone(one) ? [one, value[n + 1] ?? null] : []))
  return left.length === 0 ? null : left
}

/** RFC 2231 §3, as Dovecot tells it: what needs no joining first, a name with * where a piece is encoded. */
function joined(value: Value): Value {
  if (!Array.isArray(value)) return value
  const plain: Value[] = []
  const pieces = new Map<string, { at: number; encoded: boolean; text: string }[]>()
  for (let n = 0; n < value.length; n += 2) {
    const m = /^=([^*]+)\*(\d+)(\*?)$/.exec(String(value[n]))
    if (!m) plain.push(value[n]!, value[n + 1]!)
    else {
      const list = pieces.get(m[1]!) ?? []
      list.push({ at: Number(m[2]), encoded: m[3] === '*', text: String(value[n + 1]).slice(1) })
      pieces.set(m[1]!, list)
    }
  }
  for (const [name, list] of pieces) {
    list.sort((a, b) => a.at - b.at)
    plain.push(`=${name}${list.some(({ encoded }) => encoded) ? '*' : ''}`, `=${list.map(({ text }) => text).join('')}`)
  }
  return plain
}
