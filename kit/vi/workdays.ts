import { zone } from './dates.ts'

/**
 * Working days of a province: Monday to Friday, less holidays, plus weekends worked in exchange. Deadlines follow
 * domain.md §3.4. All days are YYYY-MM-DD, all instants ISO 8601; the zone is Asia/Ho_Chi_Minh.
 */
export type Deadline = { amount: number; unit: 'day' | 'workingDay' | 'hour' }
export type Hours = { readonly [season in 'summer' | 'winter']: readonly (readonly [from: string, to: string])[] }

/** Opening hours of Hải Dương's one-stop offices; what arrives after closing counts from the next working day. */
export const officeHours: Hours = {
  summer: [
    ['07:00', '11:00'],
    ['13:30', '16:30'],
  ],
  winter: [
    ['07:30', '11:30'],
    ['13:00', '16:00'],
  ],
}
// Hải Dương changes to winter hours in mid October and back in mid April.
const summerFrom = { month: 4, day: 16 }
const summerTo = { month: 10, day: 15 }

// A deadline beyond this is a mistake in the data; the bound also ends every loop below.
const MAX_DAYS = 4000

export type Calendar = ReturnType<typeof calendar>

export function calendar(
  holidays: readonly { date: string; name?: string }[],
  swaps: readonly { date: string }[],
  hours: Hours = officeHours,
) {
  const off = new Map(holidays.map((h) => [h.date, h.name ?? '']))
  const worked = new Set(swaps.map((s) => s.date))

  function isWorkingDay(date: string): boolean {
    if (worked.has(date)) return true
    return !off.has(date) && Temporal.PlainDate.from(date).dayOfWeek < 6
  }

  /** The n-th working day after `date` (n ≥ 0); for 0 the day itself, or the next working one. */
  function addWorkingDays(date: string, n: number): string {
    if (!Number.isInteger(n) || n < 0 || n > MAX_DAYS) throw new RangeError(`${n} working days`)
    let d = Temporal.PlainDate.from(date)
    for (let left = n, steps = 0; left > 0 || !isWorkingDay(d.toString()); steps++) {
      if (steps > MAX_DAYS) throw new RangeError(`no working day within ${MAX_DAYS} days after ${date}`)
      d = d.add({ days: 1 })
      if (left > 0 && isWorkingDay(d.toString())) left--
    }
    return d.toString()
  }

  /** Working days after `from` up to and including `to`; negative when `to` is before `from`. */
  function between(from: string, to: string): number {
    if (to < from) return -between(to, from)
    let n = 0
    let d = Temporal.PlainDate.from(from)
    for (let steps = 0; d.toString() < to; steps++) {
      if (steps > MAX_DAYS) throw new RangeError(`more than ${MAX_DAYS} days between ${from} and ${to}`)
      d = d.add({ days: 1 })
      if (isWorkingDay(d.toString())) n++
    }
    return n
  }

  const opening = (date: string): readonly (readonly [string, string])[] => {
    const { month, day } = Temporal.PlainDate.from(date)
    const n = month * 100 + day
    const summer = n >= summerFrom.month * 100 + summerFrom.day && n <= summerTo.month * 100 + summerTo.day
    return hours[summer ? 'summer' : 'winter']
  }
  const closing = (date: string): string => opening(date).at(-1)![1]
  const at = (date: string, time: string): string =>
    Temporal.PlainDate.from(date)
      .toZonedDateTime({ timeZone: zone, plainTime: time })
      .toInstant()
      .toString({ smallestUnit: 'second' })

  /** The working day on which something received at `instant` counts: that day, or the next after closing or when off. */
  function countsOn(instant: string): string {
    const t = Temporal.Instant.from(instant).toZonedDateTimeISO(zone)
    const date = t.toPlainDate().toString()
    const late = t.toPlainTime().toString({ smallestUnit: 'minute' }) >= closing(date)
    return isWorkingDay(date) && !late
      ? date
      : addWorkingDays(Temporal.PlainDate.from(date).add({ days: 1 }).toString(), 0)
  }

  /**
   * When a deadline ends. `workingDay`: at closing time of the n-th working day after the day on which it counts.
   * `day`: calendar days; a last day that is off moves to the next working day (Bộ luật Dân sự 2015 Điều 148.5).
   * `hour`: hours of the clock.
   */
  function deadline(from: string, { amount, unit }: Deadline): string {
    if (unit === 'hour') return Temporal.Instant.from(from).add({ hours: amount }).toString({ smallestUnit: 'second' })
    const start = countsOn(from)
    const last =
      unit === 'workingDay'
        ? addWorkingDays(start, amount)
        : addWorkingDays(Temporal.PlainDate.from(start).add({ days: amount }).toString(), 0)
    return at(last, closing(last))
  }

  return {
    isWorkingDay,
    addWorkingDays,
    between,
    countsOn,
    deadline,
    opening,
    closing,
    at,
    /** Name of the holiday on that day; undefined when it is none. */
    holiday: (date: string): string | undefined => off.get(date),
  }
}
