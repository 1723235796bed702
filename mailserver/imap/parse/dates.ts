/**
 * Dates of IMAP: "17-Jul-2026 09:03:00 +0700" (date-time) and 17-Jul-2026 (date). INTERNALDATE is shown, and
 * days are counted, in the zone of Việt Nam, which has had no summer time since 1979: a search for today
 * finds what an official calls today's mail.
 */
import { BadSyntax } from './scanner.ts'

export const zoneMinutes = 7 * 60
const zoneMs = zoneMinutes * 60_000
export const dayMs = 86_400_000
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Milliseconds of the first instant of that day. @throws BadSyntax */
export function readDate(text: string): number {
  const m = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text)
  return (m ? utc(m[1]!, m[2]!, m[3]!) : bad()) - zoneMs
}

/** @throws BadSyntax */
export function readDateTime(text: string): number {
  const m = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text)
  if (!m) return bad()
  const [hour, minute, second, zoneHour, zoneMinute] = [m[4], m[5], m[6], m[8], m[9]].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  if (hour > 23 || minute > 59 || second > 60 || zoneMinute > 59) return bad()
  const zone = (zoneHour * 60 + zoneMinute) * 60_000 * (m[7] === '+' ? 1 : -1)
  return utc(m[1]!.trim(), m[2]!, m[3]!) + ((hour * 60 + minute) * 60 + second) * 1000 - zone
}

function utc(day: string, month: string, year: string): number {
  const index = months.findIndex((name) => name.toLowerCase() === month.toLowerCase())
  const at = Date.UTC(Number(year), index, Number(day))
  const back = new Date(at)
  return index !== -1 && back.getUTCDate() === Number(day) && back.getUTCMonth() === index ? at : bad()
}

function bad(): never {
  throw new BadSyntax('a date is not well formed')
}

const two = (n: number) => (n < 10 ? `0${n}` : `${n}`)

/** INTERNALDATE, without the quotes. */
export function writeDateTime(ms: number): string {
  const d = new Date(ms + zoneMs)
  const day = d.getUTCDate()
  return `${day < 10 ? ` ${day}` : day}-${months[d.getUTCMonth()]}-${String(d.getUTCFullYear()).padStart(4, '0')} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0700`
}
