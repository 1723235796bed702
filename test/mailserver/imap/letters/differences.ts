/** In what two answers to one item differ: field by field of every part, so that a rule can be about one field and no other. */
import type { Value } from './answer.ts'

const envelopeFields = [
  ...['date', 'subject', 'from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'in-reply-to', 'message-id'],
] as const
const leafFields = ['type', 'subtype', 'parameters', 'id', 'description', 'encoding', 'size'] as const
const extensions = ['disposition', 'language', 'location'] as const

export type Field =
  | `envelope ${(typeof envelopeFields)[number]}`
  | (typeof leafFields)[number]
  | (typeof extensions)[number]
  | 'lines'
  | 'md5'
  /** multipart against single part, the number of parts, or what follows them */
  | 'shape'
  /** the octets of a section, or the whole of an answer that is no list */
  | 'octets'

export type Difference = {
  item: string
  /** of the part that it is about, as IMAP numbers it; "" is the letter itself */
  part: string
  field: Field
  ours: Value
  theirs: Value
}

export const same = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b)

/** @returns nothing when the answers are the same */
export function differences(item: string, ours: Value, theirs: Value): Difference[] {
  if (same(ours, theirs)) return []
  if (item === 'ENVELOPE') return inEnvelope({ item, part: '' }, ours, theirs)
  if (item === 'BODY' || item === 'BODYSTRUCTURE') return inPart({ item, part: '' }, ours, theirs)
  return [{ item, part: /\[([\d.]*\d)/.exec(item)?.[1] ?? '', field: 'octets', ours, theirs }]
}

type Where = { item: string; part: string }

function inEnvelope(where: Where, ours: Value, theirs: Value): Difference[] {
  if (!Array.isArray(ours) || !Array.isArray(theirs) || ours.length !== 10 || theirs.length !== 10)
    return [{ ...where, field: 'shape', ours, theirs }]
  return pairs(
    where,
    envelopeFields.map((name) => `envelope ${name}` as const),
    ours,
    theirs,
  )
}

function inPart(where: Where, ours: Value, theirs: Value): Difference[] {
  if (same(ours, theirs)) return []
  const [mine, other] = [partOf(ours), partOf(theirs)]
  if (
    !mine ||
    !other ||
    mine.parts.length !== other.parts.length ||
    mine.fields.size !== other.fields.size ||
    (mine.envelope === undefined) !== (other.envelope === undefined)
  )
    return [{ ...where, field: 'shape', ours, theirs }]
  const own = [...mine.fields].flatMap(([field, value]) =>
    same(value, other.fields.get(field) ?? null)
      ? []
      : [{ ...where, field, ours: value, theirs: other.fields.get(field) ?? null }],
  )
  return [
    ...own,
    ...(mine.envelope === undefined ? [] : inEnvelope(where, mine.envelope, other.envelope!)),
    ...(mine.inner === undefined ? [] : inPart({ ...where, part: `${where.part}>` }, mine.inner, other.inner!)),
    ...mine.parts.flatMap((each, n) => inPart({ ...where, part: below(where.part, n + 1) }, each, other.parts[n]!)),
  ]
}

const below = (part: string, n: number): string => (part === '' ? String(n) : `${part.replace(/>$/, '')}.${n}`)

type Part = { fields: Map<Field, Value>; parts: Value[]; envelope?: Value; inner?: Value }

/** One part as BODY or BODYSTRUCTURE tells it (RFC 9051 §9, body). */
function partOf(value: Value): Part | undefined {
  if (!Array.isArray(value)) return undefined
  const fields = new Map<Field, Value>()
  const rest = [...value]
  const take = (field: Field) => {
    if (rest.length > 0) fields.set(field, rest.shift()!)
  }
  if (Array.isArray(value[0])) {
    const parts: Value[] = []
    while (Array.isArray(rest[0])) parts.push(rest.shift()!)
    take('subtype')
    take('parameters')
    for (const field of extensions) take(field)
    return rest.length > 0 ? undefined : { fields, parts }
  }
  for (const field of leafFields) take(field)
  const part: Part = { fields, parts: [] }
  if (Array.isArray(rest[0]) && Array.isArray(rest[1])) {
    part.envelope = rest.shift()!
    part.inner = rest.shift()!
  }
  if (typeof rest[0] === 'string' && /^\d+$/.test(rest[0])) take('lines')
  take('md5')
  for (const field of extensions) take(field)
  return rest.length > 0 ? undefined : part
}

function pairs(where: Where, names: readonly Field[], ours: Value[], theirs: Value[]): Difference[] {
  return names.flatMap((field, n) =>
    same(ours[n]!, theirs[n]!) ? [] : [{ ...where, field, ours: ours[n]!, theirs: theirs[n]! }],
  )
}
