/** Why an answer of ours may differ from Dovecot's: each rule with its reason, tried in this order on the item that differs. */
import type { Value } from './answer.ts'
import type { Letter } from './forms.ts'

export type Case = { letter: Letter; item: string; ours: Map<string, Value>; theirs: Map<string, Value> }
type Pair = [ours: Value, theirs: Value]
/** @returns the pair with what the rule is about made equal, or as it was */
type Rule = { why: string; level: (pair: Pair, at: Case) => Pair }

const isText = (value: Value | undefined): value is string => typeof value === 'string' && value.startsWith('=')
const structure = (item: string) => item === 'BODY' || item === 'BODYSTRUCTURE'
/** Every value of a tree, from the leaves up. */
const each = (value: Value, change: (value: Value) => Value): Value =>
  change(Array.isArray(value) ? value.map((inner) => each(inner, change)) : value)
const both = ([ours, theirs]: Pair, change: (value: Value) => Value): Pair => [each(ours, change), each(theirs, change)]
/** Parameters without `charset=us-ascii` at the end; none left is NIL. */
const withoutAscii = (value: Value): Value => {
  if (!Array.isArray(value) || value.at(-2) !== '=charset' || value.at(-1) !== '=us-ascii') return value
  return value.length === 2 ? null : value.slice(0, -2)
}
const tokens = (value: Value) => JSON.stringify(value)

const rules: readonly Rule[] = [
  {
    why: 'a part that is not there is NIL (RFC 9051 §6.4.5 leaves it open); Dovecot gives an empty string',
    level: ([ours, theirs]) => (ours === null && theirs === '=' ? [null, null] : [ours, theirs]),
  },
  {
    why: 'a part that is neither multipart nor message has no parts below it (RFC 9051 §6.4.5.1); Dovecot takes the first one for itself',
    level: ([ours, theirs], { item, theirs: all }) => {
      const above = item.replace(/(\d)\.1(?=[.\]])/, '$1')
      return ours === null && above !== item && tokens(theirs) === tokens(all.get(above) ?? null)
        ? [null, null]
        : [ours, theirs]
    },
  },
  {
    why: 'one language is a string; Dovecot writes a list of one (RFC 9051 §9, body-fld-lang, has both)',
    level: (pair, { item }) =>
      item === 'BODYSTRUCTURE'
        ? both(pair, (value) => (Array.isArray(value) && value.length === 1 && isText(value[0]) ? value[0] : value))
        : pair,
  },
  {
    why: 'type, subtype and names of parameters are told in lower case: they have none (RFC 2045 §5.1)',
    level: (pair, { item }) =>
      structure(item) ? both(pair, (value) => (isText(value) ? value.toLowerCase() : value)) : pair,
  },
  {
    why: 'text without a charset is left so; Dovecot adds US-ASCII (RFC 3501 §7.4.2 wants neither)',
    level: ([ours, theirs], { item }) => (structure(item) ? [ours, each(theirs, withoutAscii)] : [ours, theirs]),
  },
  {
    why: 'the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1); Dovecot counts it to a multipart part that ends there',
    level: ([ours, theirs]) => (isText(ours) && theirs === `${ours}\r\n` ? [ours, ours] : [ours, theirs]),
  },
  {
    why: 'parts of an address that are missing are empty; Dovecot writes words of its own, and counts what stands between two commas',
    level: (pair, { item }) =>
      item === 'ENVELOPE' || structure(item)
        ? both(pair, (value) => {
            if (isText(value)) return value.replace(/^=(missing_mailbox|missing_domain|syntax_error)$/i, '=')
            if (!Array.isArray(value)) return value
            const left = value.filter((one) => tokens(one) !== '[null,null,"=","="]')
            return left.length === 0 && value.length > 0 ? null : left
          })
        : pair,
  },
  {
    why: '8-bit text that is no UTF-8 is told as UTF-8, since strings are (RFC 9051 §4.3); Dovecot passes its octets on',
    level: (pair, { item }) =>
      item === 'ENVELOPE' || structure(item)
        ? both(pair, (value) => (isText(value) ? value.replaceAll(/[\x80-\xff]+/g, '?') : value))
        : pair,
  },
  {
    why: 'blanks of an unfolded text stay as they are (RFC 5322 §2.2.3); Dovecot makes one of several',
    level: (pair, { item }) =>
      item === 'ENVELOPE' || structure(item)
        ? both(pair, (value) => (isText(value) ? value.replaceAll(/[ \t]+/g, ' ') : value))
        : pair,
  },
  {
    why: 'parameters are told as they stand, which is what RFC 2231 asks clients to join; Dovecot joins them',
    level: ([ours, theirs], { letter, item }) =>
      structure(item) && /\*\d/.test(letter.raw.toString('latin1'))
        ? [each(ours, joined), each(theirs, joined)]
        : [ours, theirs],
  },
  {
    why: 'a multipart whose boundary never comes is told as having an empty text (the grammar wants a part), and asked for gives its body, so that nothing is lost',
    level: ([ours, theirs], { item, theirs: all }) => {
      const empty = tokens(all.get('BODYSTRUCTURE') ?? null).includes('"=7bit","0","0"')
      return empty && theirs === '=' && /\[(\d\.)*1[.\]]/.test(item) ? [theirs, theirs] : [ours, theirs]
    },
  },
  {
    why: 'an empty line that ends the header of a part ends it also when a boundary follows; Dovecot gives it to the boundary',
    level: ([ours, theirs], { item }) =>
      item.includes('.MIME') && isText(theirs) && ours === `${theirs}\r\n` ? [theirs, theirs] : [ours, theirs],
  },
  {
    why: 'fields asked for are followed by the empty line, whether the header has one or not (RFC 9051 §6.4.5.1)',
    level: (pair, { item }) =>
      item.includes('HEADER.FIELDS')
        ? both(pair, (value) => (isText(value) ? value.replace(/(\r\n)+$/, '') : value))
        : pair,
  },
  {
    why: 'a disposition without a value is none (RFC 2183 §2)',
    level: ([ours, theirs], { item }) =>
      structure(item)
        ? [
            ours,
            each(theirs, (value) =>
              Array.isArray(value) && value.length === 2 && value[0] === '=' && Array.isArray(value[1]) ? null : value,
            ),
          ]
        : [ours, theirs],
  },
  {
    why: 'the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1); Dovecot counts it to a message that ends in its header',
    level: (pair, { item }) =>
      structure(item)
        ? both(pair, (value) =>
            Array.isArray(value) && value[0] === '=message' && value[1] === '=rfc822'
              ? value.map((one, at) => (at === 6 || at === 9 ? null : one))
              : value,
          )
        : pair,
  },
  {
    why: 'a type that cannot be read is text/plain without parameters (RFC 2045 §5.2); Dovecot tells an empty type, and no lines',
    level: ([ours, theirs], { item }) =>
      structure(item) ? [each(ours, asUnread), each(theirs, asUnread)] : [ours, theirs],
  },
]

/** Any parameters with RFC 2231 pieces, or that were. */
const joined = (value: Value): Value =>
  Array.isArray(value) &&
  value.length >= 2 &&
  value.length % 2 === 0 &&
  value.every((v) => isText(v) || v === null) &&
  value.some((v) => isText(v) && /^=(title|name|filename)\*?/.test(v))
    ? '=parameters'
    : value
/** A leaf whose type is broken, or may be the default for one. */
const asUnread = (value: Value): Value => {
  if (
    !Array.isArray(value) ||
    !isText(value[0]) ||
    (value[1] !== '=' && tokens(value.slice(0, 2)) !== '["=text","=plain"]')
  )
    return value
  const lines = value[0] === '=text' ? 1 : 0
  return ['=text', '=plain', null, ...value.slice(3, 7), ...value.slice(7 + lines)]
}

/** What a letter as a whole is taken for, where neither side is wrong. */
const readings: readonly { why: string; found: RegExp; items: RegExp }[] = [
  {
    why: 'a multipart without a boundary that can be used has no parts; we show its text, Dovecot an empty part',
    found: /multipart\/\w+(\r\n[^ \t]|; *boundary=(""|\r\n)|[^;\r]*\r\n[^ \t])/i,
    items: /STRUCTURE|^BODY$|\d/,
  },
  {
    why: 'rfc822 in base64 or quoted-printable is forbidden (RFC 2046 §5.2.1) and is shown as octets, as RFC 2049 §2 has it; Dovecot reads the encoded text as a header',
    found:
      /message\/(rfc822|global)[\s\S]*?Content-Transfer-Encoding: (base64|quoted-printable)|Content-Transfer-Encoding: (base64|quoted-printable)[\s\S]*?message\/rfc822/i,
    items: /STRUCTURE|^BODY$|\d/,
  },
  {
    why: 'a line is a boundary when nothing but blanks follows it; Dovecot (as RFC 2046 §5.1.1 allows) takes every line that begins with one, so an inner boundary can end an outer part',
    found: /--(t|b\d|s|x)[^\r\n]+\r\n/,
    items: /STRUCTURE|^BODY$|\d/,
  },
  { why: 'Dovecot cuts boundaries at 80 octets', found: /q{81}/, items: /STRUCTURE|^BODY$|\d/ },
  {
    why: 'of a field that may stand once the first counts; for Dovecot the last',
    found: /^(Subject|Date|Message-ID|In-Reply-To|Content-[\w-]+):[\s\S]*?^\1:/im,
    items: /ENVELOPE|STRUCTURE|^BODY$/,
  },
  { why: 'a line that continues no field belongs to none', found: /^[ \t]/, items: /HEADER/ },
  {
    why: 'semicolons between addresses are taken as Outlook means them',
    found: /a@b; c@d/,
    items: /ENVELOPE|STRUCTURE|^BODY$/,
  },
  {
    why: 'an address that breaks the rules is told as it stands, where Dovecot gives up',
    found: /no address|a \. b @ c|\.a@\.b|a@b@c/,
    items: /ENVELOPE|STRUCTURE|^BODY$/,
  },
  {
    why: 'values that need quotes and have none are taken to the semicolon',
    found: /(filename|name|n)=a b/i,
    items: /STRUCTURE|^BODY$/,
  },
  { why: 'an encoding in quotes is taken without them', found: /Encoding: "base64"/, items: /STRUCTURE|^BODY$/ },
]

/** @returns 'same', the reasons for the difference, or 'different' */
export function explain(at: Case): string {
  let pair: Pair = [at.ours.get(at.item) ?? null, at.theirs.get(at.item) ?? null]
  if (tokens(pair[0]) === tokens(pair[1])) return 'same'
  const whys: string[] = []
  for (const { why, level } of rules) {
    const next = level(pair, at)
    if (tokens(next) !== tokens(pair)) whys.push(why)
    pair = next
    if (tokens(pair[0]) === tokens(pair[1])) return whys.join('; ')
  }
  const text = at.letter.raw.toString('latin1')
  return readings.find(({ found, items }) => items.test(at.item) && found.test(text))?.why ?? 'different'
}
