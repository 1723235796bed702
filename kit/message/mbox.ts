/**
 * Messages as entries of an mbox file (RFC 4155), in the form that is called mboxrd: lines end with LF, and every line of the body
 * that is ">From …" or "From …" gets one more ">", so that taking one away gives back what there was. Flags stand in Status,
 * X-Status and X-Keywords, as mutt, Dovecot and Python's mailbox module read them.
 */
const LF = 10
const CR = 13
const GT = 62
const from = Buffer.from('From ')
/** beyond the longest header that says who sent it */
const senderRead = 64 * 1024

const letters: readonly [flag: string, letter: string][] = [
  ['\\Answered', 'A'],
  ['\\Flagged', 'F'],
  ['\\Deleted', 'D'],
  ['\\Draft', 'T'],
]

/** @param m `at` is when it came (INTERNALDATE), `raw` has CRLF or LF */
export function mboxEntry({ raw, at, flags }: { raw: Uint8Array; at: Date; flags: readonly string[] }): Buffer {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const begin = Buffer.from(`From ${senderOf(octets)} ${asctime(at)}\n${statusOf(flags)}`)
  const body = quoted(octets)
  const end = body.at(-1) === LF ? '\n' : '\n\n'
  return Buffer.concat([begin, body, Buffer.from(end)])
}

/** By Return-Path, as whoever delivered it wrote that; a space would end it. */
function senderOf(octets: Buffer): string {
  const head = octets.toString('latin1', 0, senderRead)
  return /^Return-Path:[ \t]*<([^<>\s]{1,320})>/im.exec(head)?.[1] ?? 'MAILER-DAEMON'
}

/** In UTC: "Fri Mar  1 02:03:04 2024". */
function asctime(at: Date): string {
  const [day, date, month, year, time] = at.toUTCString().replace(',', '').split(' ') as [
    string,
    string,
    string,
    string,
    string,
  ]
  return `${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`
}

function statusOf(flags: readonly string[]): string {
  const more = letters.filter(([flag]) => flags.includes(flag)).map(([, letter]) => letter)
  const keywords = flags.filter((flag) => !flag.startsWith('\\'))
  return [
    `Status: ${flags.includes('\\Seen') ? 'RO' : 'O'}\n`,
    more.length > 0 ? `X-Status: ${more.join('')}\n` : '',
    keywords.length > 0 ? `X-Keywords: ${keywords.join(' ')}\n` : '',
  ].join('')
}

/** Line ends as LF, and ">" before what would be taken for the next message. */
function quoted(octets: Buffer): Buffer {
  const pieces: Buffer[] = []
  let header = true
  for (let at = 0; at < octets.length; ) {
    const lf = octets.indexOf(LF, at)
    const end = lf === -1 ? octets.length : lf
    const textEnd = end > at && octets[end - 1] === CR && lf !== -1 ? end - 1 : end
    if (!header && looksLikeFrom(octets, at)) pieces.push(Buffer.of(GT))
    if (header && textEnd === at) header = false
    pieces.push(octets.subarray(at, textEnd))
    if (lf !== -1) pieces.push(Buffer.of(LF))
    at = end + 1
  }
  return Buffer.concat(pieces)
}

function looksLikeFrom(octets: Buffer, at: number): boolean {
  let start = at
  while (octets[start] === GT) start++
  return octets.subarray(start, start + from.length).equals(from)
}
