/** What the edge makes of a header from outside, and the line that it puts above (RFC 5321 §4.4). Pure. */
import { mailDate } from '#kit/mail/date.ts'
import type { Refused } from '#mailserver/edge/policy/answer.ts'

/** A proper header has some 10 KB; one with a certificate chain or long lists of people some hundred. */
export const MAX_HEADER = 1024 * 1024
/** RFC 5321 §6.3: a letter that was handed on so often goes in a circle. */
const MAX_RECEIVED = 50

/** Fields that only we may say: senders' own are dropped. Line ends are CRLF, so a line is what ends in LF. */
const OURS =
  /^(?:X-Spam-(?:Status|Flag|Score|Level|Report)|X-CongSo-Origin|Delivered-To|Return-Path)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*/gim
/** RFC 8601 §5: what others found is not taken for what we found. */
const RESULTS = /^Authentication-Results(?=[ \t]*:)/gim
const RECEIVED = /^Received[ \t]*:/gim
/** A field, or a line that goes on with it. */
const FIELD_LINE = /^(?:[!-9;-~]+[ \t]*:|[ \t])/

const loops: Refused = {
  kind: 'refuse',
  code: 554,
  detail: '4.6',
  text: 'Too many Received fields, the mail goes in a circle / Thu chay vong',
}
const tooLong: Refused = {
  kind: 'refuse',
  code: 554,
  detail: '6.0',
  text: 'The header is too large or does not end / Phan dau thu qua lon',
}

/**
 * @param start the first octets of the message, `MAX_HEADER` if it has so many
 * @param size octets of the whole
 * @returns the header without what is not the sender's to say, its empty line included, and where the body begins
 */
export function readTop(start: Buffer, size: number): { header: Buffer; bodyAt: number } | Refused {
  const found = start[0] === 0x0d && start[1] === 0x0a ? 0 : start.indexOf('\r\n\r\n') + 2
  if (found < 2 && found !== 0 && size > start.length) return tooLong
  const whole = found !== 1
  const bodyAt = whole ? found + 2 : headerLines(start)
  const text = start.toString('latin1', 0, whole ? found : bodyAt)
  if ((text.match(RECEIVED)?.length ?? 0) > MAX_RECEIVED) return loops
  const kept = text.replace(OURS, '').replace(RESULTS, 'Original-Authentication-Results')
  const end = whole || kept.endsWith('\r\n') || kept === '' ? '\r\n' : '\r\n\r\n'
  return { header: Buffer.from(`${kept}${end}`, 'latin1'), bodyAt }
}

/** Of a message without an empty line: where what can be no header begins. */
function headerLines(start: Buffer): number {
  let at = 0
  while (at < start.length) {
    const lf = start.indexOf(0x0a, at)
    const end = lf < 0 ? start.length : lf + 1
    if (!FIELD_LINE.test(start.toString('latin1', at, Math.min(end, at + 1000)))) break
    at = end
  }
  return at
}

export type Path = {
  helo: string
  /** what the reverse lookup said, unless it said nothing */
  host: string | undefined
  ip: string
  /** "ESMTPS" and the like (RFC 3848, RFC 6531 §4.3) */
  protocol: string
  tls: { version: string; name: string } | undefined
  by: string
  ref: string
  /** milliseconds since 1970 */
  at: number
}

/** With its line end. What the client said of itself cannot leave its place. */
export function receivedLine({ helo, host, ip, protocol, tls, by, ref, at }: Path): string {
  const literal = ip.includes(':') ? `[IPv6:${ip}]` : `[${ip}]`
  const cipher = tls ? `\r\n\t(${tls.version} ${tls.name})` : ''
  return `Received: from ${plain(helo)} (${host === undefined ? '' : `${plain(host)} `}${literal})\r\n\tby ${by} with ${protocol}${cipher}\r\n\tid ${ref};\r\n\t${mailDate(at)}\r\n`
}

const plain = (text: string): string => text.replaceAll(/[^!-~]|[()<>,;"\\]/g, '?').slice(0, 300)
