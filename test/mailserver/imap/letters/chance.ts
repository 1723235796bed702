/** Letters put together by chance from what the written forms show, then often damaged; the same for the same seed. */
import { Dice } from '#test/long/fuzz/dice.ts'
import { type Letter, written } from './forms.ts'

const froms = [
  'a@b.vn',
  'A B <a@b>',
  '"x, y" <z@w>',
  'G: a@b, "C" <d@e>;',
  'x@y (An)',
  '=?utf-8?Q?=C4=90?= <d@d>',
  '<>',
  'Hà <h@x>',
  ', a@b,',
  'a.b.c@d.e.f',
]
const subjects = ['thu', '=?utf-8?B?VGjGsA==?=', 'a\r\n b', '"x"', '', 'Th\xc6\xb0', 'x\t y ', '[abc] Re: x']
const dates = ['Mon, 23 Nov 2026 08:00:00 +0700', '23 Nov 26 08:00 GMT', 'x', '']
const types = [
  'text/plain',
  'text/plain; charset=utf-8',
  'TEXT/HTML; charset="windows-1258"',
  'text/plain; format=flowed; delsp=yes',
  'image/png; name="a b.png"',
  'application/pdf;\r\n name*0*=utf-8\'\'%C4%91;\r\n name*1="x.pdf"',
  'application/octet-stream; x="a\\"b"',
  'text/calendar; method=REQUEST',
  'bad',
  'a/b; c',
  'text/plain; name=(x) y',
]
const encodings = ['7bit', '8bit', 'base64', 'quoted-printable', 'BINARY', 'x', 'base64 (c)']
const dispositions = [
  'attachment',
  'inline; filename=x',
  'attachment; filename="a b"',
  "attachment; filename*=utf-8''%C4%91",
  'ATTACHMENT; size=3; filename=y',
]
const bodies = ['x', '', 'two\r\nlines\r\n', '\r\n', '--', '--b', 'Th\xc6\xb0', 'eA==', 'a'.repeat(200), 'From x', '.']

function fields(dice: Dice): string {
  const may = (name: string, values: readonly string[], once = 3) =>
    dice.oneIn(once) ? [`${name}: ${dice.pick(values)}`] : []
  return [
    ...may('Content-Transfer-Encoding', encodings),
    ...may('Content-Disposition', dispositions),
    ...may('Content-ID', ['<a@b>', 'x']),
    ...may('Content-Description', ['mo ta', '=?utf-8?Q?m?=', 'a\r\n b']),
    ...may('Content-Language', ['vi', 'vi, en'], 8),
    ...may('Content-Location', ['http://x/'], 8),
    ...may('Content-MD5', ['abc=='], 8),
  ]
    .map((field) => `${field}\r\n`)
    .join('')
}

function entity(dice: Dice, depth: number): string {
  if (depth < 4 && dice.oneIn(depth === 0 ? 2 : 3)) {
    const boundary = `b${depth}${dice.pick(['', '=_x', 'y'])}`
    const kind = dice.pick(['mixed', 'mixed', 'alternative', 'related', 'digest', 'signed; micalg=x', 'report'])
    const parts = dice.some(0, 4, () => `--${boundary}\r\n${entity(dice, depth + 1)}\r\n`).join('')
    const end = dice.oneIn(6) ? '' : `--${boundary}--\r\n${dice.oneIn(5) ? 'epilogue\r\n' : ''}`
    return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n${fields(dice)}\r\n${dice.oneIn(5) ? 'preamble\r\n' : ''}${parts}${end}`
  }
  if (depth < 4 && dice.oneIn(6))
    return `Content-Type: message/rfc822\r\n${fields(dice)}\r\n${message(dice, depth + 1)}`
  return `${dice.oneIn(5) ? '' : `Content-Type: ${dice.pick(types)}\r\n`}${fields(dice)}\r\n${dice.some(0, 3, () => dice.pick(bodies)).join('\r\n')}`
}

function message(dice: Dice, depth: number): string {
  const may = (name: string, values: readonly string[]) => (dice.oneIn(4) ? '' : `${name}: ${dice.pick(values)}\r\n`)
  return [
    may('From', froms),
    may('To', froms),
    may('Subject', subjects),
    may('Date', dates),
    may('Message-ID', ['<a@b>', '<c d@e>', 'x']),
    dice.oneIn(4) ? `Cc: ${dice.some(1, 4, () => dice.pick(froms)).join(', ')}\r\n` : '',
    dice.oneIn(5) ? `In-Reply-To: ${dice.pick(['<x@y>', 'x'])}\r\n` : '',
    dice.oneIn(5) ? `Sender: ${dice.pick(froms)}\r\n` : '',
    depth === 0 ? 'MIME-Version: 1.0\r\n' : '',
    entity(dice, depth),
  ].join('')
}

/** Lines lost, doubled, swapped, or the end missing; line ends stay CRLF. */
function damage(dice: Dice, raw: string): string {
  const lines = raw.split('\r\n')
  for (let n = dice.below(4); n > 0; n--) {
    const [at, other] = [dice.below(lines.length), dice.below(lines.length)]
    dice.pick<() => void>([
      () => lines.splice(at, 1),
      () => lines.splice(at, 0, lines[other] ?? ''),
      () => ([lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? '']),
      () => lines.splice(at, lines.length),
      () => (lines[at] = (lines[at] ?? '').slice(0, dice.below(80))),
    ])()
  }
  return lines.join('\r\n')
}

/** The written forms, damaged copies of them, and letters by chance. */
export function letters({ seed, count }: { seed: string; count: number }): Letter[] {
  const made = Array.from({ length: count - written.length }, (_, n): Letter => {
    const dice = new Dice(`${seed} ${n}`)
    const from = dice.oneIn(3) ? dice.pick(written) : undefined
    const raw = from && from.raw.length < 20_000 ? from.raw.toString('latin1') : message(dice, 0)
    const octets = dice.oneIn(2) || from ? damage(dice, raw) : raw
    return { name: `chance ${n}`, raw: Buffer.from(octets || '\r\n', 'latin1') } // a message has at least one octet
  })
  return [...written, ...made]
}
