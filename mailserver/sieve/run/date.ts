/** Date parts (RFC 5260 §4.2) of an instant in a zone. */
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const two = (n: number): string => String(n).padStart(2, '0')

export const dateParts = [
  'year',
  'month',
  'day',
  'date',
  'julian',
  'hour',
  'minute',
  'second',
  'time',
  'iso8601',
  'std11',
  'zone',
  'weekday',
] as const

/** @param zone minutes east of Greenwich */
export function datePart(part: string, instant: number, zone: number): string {
  const d = new Date(instant + zone * 60_000)
  const date = `${String(d.getUTCFullYear()).padStart(4, '0')}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`
  const time = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`
  const sign = zone < 0 ? '-' : '+'
  const [hours, minutes] = [two(Math.floor(Math.abs(zone) / 60)), two(Math.abs(zone) % 60)]
  switch (part) {
    case 'year':
      return date.slice(0, 4)
    case 'month':
      return date.slice(5, 7)
    case 'day':
      return date.slice(8)
    case 'date':
      return date
    case 'julian': // modified Julian day of the local date
      return String(Math.floor((instant + zone * 60_000) / 86_400_000) + 40_587)
    case 'hour':
      return time.slice(0, 2)
    case 'minute':
      return time.slice(3, 5)
    case 'second':
      return time.slice(6)
    case 'time':
      return time
    case 'iso8601':
      return `${date}T${time}${zone === 0 ? 'Z' : `${sign}${hours}:${minutes}`}`
    case 'std11':
      return `${days[d.getUTCDay()]}, ${two(d.getUTCDate())} ${months[d.getUTCMonth()]} ${d.getUTCFullYear()} ${time} ${sign}${hours}${minutes}`
    case 'zone':
      return `${sign}${hours}${minutes}`
    default:
      return String(d.getUTCDay())
  }
}

/** "+0700", "-0330" */
export function readZone(text: string): number | undefined {
  const m = /^([+-])([01][0-9]|2[0-3])([0-5][0-9])$/.exec(text)
  return m ? (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3])) : undefined
}

/** The zone that a Date field itself names; 0 for those of RFC 5322 §4.3 that mean nothing. */
export function zoneOf(field: string): number {
  const said = /([+-][0-9]{4})\s*(?:\([^()]*\)\s*)?$/.exec(field)?.[1]
  return (said && readZone(said)) || 0
}
