/** What is done to sound input so that it is not: to one argument of a command, and to the octets of a whole session. */
import type { Dice } from './dice.ts'

/** Things that parsers have stumbled over; octets as latin1. */
const odd: readonly string[] = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\t',
  '\x1b[2J',
  '\x7f',
  '\xff\xfe',
  '\xc0\xaf', // overlong "/"
  '\xed\xa0\x80', // half of a surrogate pair
  '\xe1\xbb', // a letter of Vietnamese, cut
  '\xf4\x90\x80\x80', // beyond Unicode
  '"',
  '\\',
  '(',
  ')',
  '{',
  '}',
  '{0}',
  '{3+}\r\nabc',
  '{4294967295}',
  '{99999999999999999999+}',
  '~{2+}\r\n\0\0',
  '<',
  '>',
  '[',
  ']',
  '%',
  '*',
  '$',
  '&',
  '&-',
  '&AAA-',
  '=?utf-8?B?4buH?=',
  '-1',
  '0',
  '4294967295',
  '4294967296',
  '18446744073709551616',
  '9007199254740993',
  'NaN',
  '1e999',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '%00',
  "' OR 1=1 --",
  ' ',
  '',
]

/** One argument, wrong in one way. */
export function spoil(dice: Dice, text: string): string {
  const at = dice.below(text.length + 1)
  switch (dice.below(8)) {
    case 0:
      return text.slice(0, at) + dice.pick(odd) + text.slice(at)
    case 1:
      return dice.pick(odd)
    case 2:
      return text.slice(0, at)
    case 3:
      return text + text
    case 4:
      return text.slice(0, at) + text.slice(at + 1)
    case 5:
      return dice.pick(['(', '"', '{', '[', '\\', 'a', '\xe1']).repeat(dice.pick([2, 30, 1_000, 9_000, 66_000]))
    case 6:
      return text.slice(0, at) + String.fromCharCode(dice.below(256)) + text.slice(at + 1)
    default:
      return dice.octets(dice.below(40)).toString('latin1')
  }
}

/** Octets of a session, wrong in up to eight places. */
export function mutate(dice: Dice, session: Buffer): Buffer {
  let octets = Buffer.from(session)
  for (let n = 1 + dice.below(8); n > 0; n--) {
    const at = dice.below(octets.length + 1)
    const length = dice.pick([1, 2, 7, 40, 400])
    const [before, here, after] = [
      octets.subarray(0, at),
      octets.subarray(at, at + length),
      octets.subarray(at + length),
    ]
    switch (dice.below(7)) {
      case 0: // a bit
        if (octets.length > 0) octets[Math.min(at, octets.length - 1)]! ^= 1 << dice.below(8)
        break
      case 1: // lost
        octets = Buffer.concat([before, after])
        break
      case 2: // twice
        octets = Buffer.concat([before, here, here, after])
        break
      case 3:
        octets = Buffer.concat([before, Buffer.from(dice.pick(odd), 'latin1'), here, after])
        break
      case 4:
        octets = Buffer.concat([before, dice.octets(length), after])
        break
      case 5: // elsewhere
        octets = Buffer.concat([before, after, here])
        break
      default: // the end never comes
        if (dice.oneIn(3)) octets = Buffer.from(before)
    }
  }
  return octets
}
