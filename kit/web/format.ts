/** The figures that views print, under short names; the rules are in kit/vi. Instants are ISO with Z, days YYYY-MM-DD. */
import { clock, day, dayMonth, recent, shortDate, weekday } from '#kit/vi/dates.ts'

export { clock as time, formalDate, shortDate as date } from '#kit/vi/dates.ts'
export { initials } from '#kit/vi/names.ts'
export { figures as number, size } from '#kit/vi/words.ts'

/** "12/11" in columns and timelines of the current year; with the year when it is another */
export const shortDay = (when: string, now: string): string =>
  day(when).year === day(now).year ? dayMonth(when) : shortDate(when)

/** "thứ Tư 18/11/2026" */
export const longDate = (when: string): string => `${weekday(when).replace('Thứ', 'thứ')} ${shortDate(when)}`

/** "12/11, 09:26" */
export const moment = (instant: string, now: string): string => `${shortDay(instant, now)}, ${clock(instant)}`

/** "09:26" today, "Hôm qua", then "12/11": the time of a row in a list */
export const when = (instant: string, now: string): string => {
  const words = recent(instant, now)
  return words.includes('/') ? shortDay(instant, now) : words
}
