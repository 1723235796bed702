/** Parts that the two sides take for something else, or divide differently. */
import type { Value } from './answer.ts'
import { type Difference, differences } from './differences.ts'
import type { Reading } from './reading.ts'
import { isText, unreadable } from './rules.ts'

type Shape = {
  why: string
  /** @returns what still differs when the rule is applied; 'divided' when what is inside cannot be compared; nothing when it is not the reason */
  becomes: (d: Difference, reading: Reading) => Difference[] | 'divided' | undefined
}

const moved = (d: Difference, ours: Value, theirs: Value): Difference[] =>
  differences(d.item, ours, theirs).map((each) => ({ ...each, part: d.part + each.part }))

export const shapes: readonly Shape[] = [
  {
    why: 'a type that cannot be read is text/plain without parameters (RFC 2045 §5.2), with its lines; Dovecot tells an empty subtype and no lines',
    becomes: (d, reading) => {
      const { ours, theirs } = d
      if (!Array.isArray(ours) || !Array.isArray(theirs) || theirs[1] !== '=' || !unreadable(reading, d.part))
        return undefined
      if (ours[0] !== '=text' || ours[1] !== '=plain') return undefined
      return moved(d, ours, [...ours.slice(0, 3), ...theirs.slice(3, 7), ours[7]!, ...theirs.slice(7)])
    },
  },
  {
    why: 'a multipart without a boundary that can be used has no parts (RFC 2046 §5.1.1 demands one); we show its text, Dovecot an empty part',
    becomes: (d, reading) => {
      const { ours, theirs } = d
      const [written = ''] = reading.values(d.part, 'content-type')
      const unusable = /^multipart\//i.test(written) && !/boundary\*?0?\*?=[ \t]*("[^"]|[^\s;"])/i.test(written)
      if (!unusable || !Array.isArray(ours) || ours[0] !== '=text' || !Array.isArray(theirs)) return undefined
      const parts = theirs.filter((one) => Array.isArray(one) && Array.isArray(one[2]))
      // Dovecot takes an empty boundary for one with which every line of dashes begins
      if (/boundary=("")?[ \t]*(;|$)/i.test(written)) return 'divided'
      return parts.length === 1 && Number((parts[0] as Value[])[6]) <= 1 ? 'divided' : undefined
    },
  },
  {
    why: 'a boundary whose quotes are never closed is taken to the end of the field; for Dovecot there is none (RFC 2046 §5.1.1 demands one)',
    becomes: (d, reading) => {
      const [written = ''] = reading.values(d.part, 'content-type')
      const { theirs } = d
      const nothing =
        Array.isArray(theirs) && Array.isArray(theirs[0]) && theirs[0][6] === '0' && !Array.isArray(theirs[1])
      return /boundary="[^"]*$/i.test(written) && nothing ? 'divided' : undefined
    },
  },
  {
    why: 'multipart without a subtype is a type that cannot be read, so text/plain (RFC 2045 §5.2); Dovecot tells octets',
    becomes: (d, reading) => {
      const { ours, theirs } = d
      const [written = ''] = reading.values(d.part, 'content-type')
      if (!/^multipart[ \t]*(;|$)/i.test(written) || !Array.isArray(ours) || !Array.isArray(theirs)) return undefined
      if (theirs[0] !== '=application' || theirs[1] !== '=octet-stream' || ours[1] !== '=plain') return undefined
      return moved(d, ours, [...ours.slice(0, 3), ...theirs.slice(3, 7), ours[7]!, ...theirs.slice(7)])
    },
  },
  {
    why: 'a message in base64 or quoted-printable is forbidden (RFC 2046 §5.2.1) and told as octets, as RFC 2049 §2 has it; Dovecot reads the encoded text as a header',
    becomes: (d) => {
      const { ours, theirs } = d
      if (!Array.isArray(ours) || !Array.isArray(theirs)) return undefined
      const [type, subtype, , , , encoding] = ours
      const forbidden =
        /^=(base64|quoted-printable)$/.test(String(encoding)) && type === '=application' && subtype === '=octet-stream'
      return forbidden && String(theirs[0]).toLowerCase() === '=message' && isText(theirs[1]) ? 'divided' : undefined
    },
  },
  {
    why: 'a boundary has at most 70 octets (RFC 2046 §5.1.1); we take longer ones whole, Dovecot cuts them at 80',
    becomes: (d, reading) => (/boundary="?[^"\r\n]{81}/.test(reading.header(d.part)) ? 'divided' : undefined),
  },
  {
    why: 'an empty part of a digest is a message (RFC 2046 §5.1.5); Dovecot tells a text, as it does where there is no part',
    becomes: ({ ours, theirs }) =>
      Array.isArray(ours) &&
      ours[0] === '=message' &&
      ours[6] === '0' &&
      Array.isArray(theirs) &&
      theirs[1] === '=plain' &&
      theirs[6] === '0'
        ? []
        : undefined,
  },
  {
    why: 'a boundary with nothing behind it begins an empty part (RFC 2046 §5.1.1); Dovecot waits for its first line',
    becomes: (d, reading) => {
      const { ours, theirs } = d
      const last = reading.part(d.part)?.children.at(-1)
      if (!Array.isArray(ours) || !Array.isArray(theirs) || !last || last.bodyEnd > last.headerStart) return undefined
      const n = ours.findIndex((one) => !Array.isArray(one)) - 1
      return n < 1 ? undefined : moved(d, ours.toSpliced(n, 1), theirs)
    },
  },
]
