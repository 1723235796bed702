/** The Date field (RFC 5322 §3.3, §4.3) as an instant. */

/** Date fields of mail programs are 31 characters, with a zone in a comment 40. */
const MAX_DATE = 100
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** Hours behind or before UTC (§4.3); the military letters say nothing that can be relied on. */
const zones = new Map([
  ...(['ut', 'utc', 'gmt', 'z'].map((name) => [name, 0]) as [string, number][]),
  ...([
    ['est', -5],
    ['edt', -4],
    ['cst', -6],
    ['cdt', -5],
    ['mst', -7],
    ['mdt', -6],
    ['pst', -8],
    ['pdt', -7],
    ['ict', 7],
  ] as [string, number][]),
])
const form =
  /^(?:[a-z]{3,9}\s*(?:,\s*)?)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*[\s-]+(\d{2,4})(?:\s+(\d{1,2})\s*:\s*(\d{1,2})(?:\s*:\s*(\d{1,2}))?(?:[.,]\d+)?)?\s*([+-]\d{4}|[a-z]{1,5})?/i

/**
 * @returns milliseconds since 1970; undefined when there is no day to be read. RFC 5256 §2.2: a time that cannot be is
 * midnight, a zone that cannot be is UTC.
 */
export function readDate(value: string | undefined): number | undefined {
  if (value === undefined || value.length > MAX_DATE) return undefined
  const text = value.replaceAll(/\([^()]*\)/g, ' ').trim()
  const m = form.exec(text)
  if (!m) return foreign(text)
  const month = months.indexOf(m[2]!.toLowerCase())
  const day = Number(m[1])
  const year = yearOf(m[3]!)
  const midnight = Date.UTC(year, month, day)
  if (month < 0 || new Date(midnight).getUTCDate() !== day) return undefined
  return midnight + timeOf(m[4], m[5], m[6]) - zoneOf(m[7])
}

/** Other forms with a zone of their own (ISO 8601, C's asctime); without one they would be read in this machine's zone. */
function foreign(text: string): number | undefined {
  const zoned = /(?:[+-]\d\d:?\d\d|z|gmt|utc)$/i.test(text) ? text : `${text} UTC`
  const time = Date.parse(zoned)
  return Number.isNaN(time) ? undefined : time
}

/** §4.3: two digits up to 49 are of this century, three and the rest count from 1900. */
function yearOf(text: string): number {
  const year = Number(text)
  return text.length === 4 ? year : text.length === 2 && year < 50 ? 2000 + year : 1900 + year
}

function timeOf(hour = '0', minute = '0', second = '0'): number {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  return h > 23 || m > 59 || s > 60 ? 0 : ((h * 60 + m) * 60 + s) * 1000
}

function zoneOf(text = ''): number {
  const m = /^([+-])(\d\d)(\d\d)$/.exec(text)
  if (!m) return (zones.get(text.toLowerCase()) ?? 0) * 3_600_000
  const minutes = Number(m[3])
  return minutes > 59 ? 0 : (Number(m[2]) * 60 + minutes) * 60_000 * (m[1] === '+' ? 1 : -1)
}
