/** A deadline as pages show it: a chip in words, and a ruler of days. Pure: `now` and the calendar are given. */

import { day } from '#kit/vi/dates.ts'
import { longDate } from '#kit/web/format.ts'
import { icon } from '#kit/web/icon.ts'

export type DueState = 'ok' | 'soon' | 'late' | 'hold' | 'done'
export type Due = {
  /** instant or date from which the time runs */
  from: string
  /** instant or date by which it must be done */
  due: string
  /** instant or date when it was done; the clock stands */
  end?: string
  /** the unit that the deadline was set in, and is counted in */
  unit?: 'day' | 'workingDay'
  /** spans in which the clock was stopped, `to` exclusive; the last may be open */
  holds?: readonly { from: string; to?: string }[]
}
/** true for weekends and holidays, YYYY-MM-DD; see `kit/vi` and the province's data */
export type IsOff = (date: string) => boolean

export const weekend: IsOff = (date) => Temporal.PlainDate.from(date).dayOfWeek > 5

const words = { day: 'ngày', workingDay: 'ngày làm việc' }
const icons: Record<DueState, string> = {
  ok: 'circle-check',
  soon: 'clock-exclamation',
  late: 'alert-triangle',
  hold: 'player-pause',
  done: 'check',
}
/** One cell a day up to here, then one a week: cells must stay wide enough to be counted. */
const mostDayCells = 45

/** Days left (negative: over), in the deadline's unit; the day it falls due counts as day 0. */
export function daysLeft(given: Due, now: string, isOff: IsOff = weekend): number {
  const today = day(given.end ?? now)
  const due = day(given.due)
  const sign = Temporal.PlainDate.compare(today, due) <= 0 ? 1 : -1
  const [first, last] = sign === 1 ? [today, due] : [due, today]
  if ((given.unit ?? 'workingDay') === 'day') return sign * first.until(last).days
  let n = 0
  for (let d = first.add({ days: 1 }); Temporal.PlainDate.compare(d, last) <= 0; d = d.add({ days: 1 }))
    if (!isOff(d.toString())) n++
  return sign * n
}

/** soon: the last fifth of the time, or two working days, whichever is longer */
export function dueState(given: Due, now: string, isOff: IsOff = weekend): DueState {
  if (given.end !== undefined) return 'done'
  if (given.holds?.some((h) => h.to === undefined)) return 'hold'
  if (isOver(given.due, now)) return 'late'
  const left = daysLeft(given, now, isOff)
  const whole = daysLeft({ ...given, end: undefined } as Due, given.from, isOff)
  const inWork = daysLeft({ ...given, unit: 'workingDay' }, now, isOff)
  return inWork <= 2 || left <= whole / 5 ? 'soon' : 'ok'
}

/** A due date is over when the day has passed; a due instant, when it has. */
function isOver(due: string, now: string): boolean {
  return due.length === 10 ? Temporal.PlainDate.compare(day(now), day(due)) > 0 : Date.parse(now) > Date.parse(due)
}

/** "Còn 9 ngày", "Quá 2 ngày làm việc", "Hôm nay", "Tạm dừng" */
export function dueWords(given: Due, now: string, isOff: IsOff = weekend): string {
  const state = dueState(given, now, isOff)
  const unit = words[given.unit ?? 'workingDay']
  if (state === 'done') {
    const left = daysLeft(given, now, isOff)
    return left < 0 ? `Xong, quá ${-left} ${unit}` : left > 0 ? `Xong, trước hạn ${left} ${unit}` : 'Xong đúng hạn'
  }
  if (state === 'hold') return 'Tạm dừng'
  const left = daysLeft(given, now, isOff)
  if (state === 'late') return left === 0 ? 'Vừa quá hạn' : `Quá ${-left} ${unit}`
  return left === 0 ? 'Hạn hôm nay' : `Còn ${left} ${unit}`
}

/** The chip; its full date is in the title. `short` leaves out "làm việc" where a column's head says the unit. */
export function dueChip(given: Due | undefined, now: string, isOff: IsOff = weekend, short = false): string {
  if (!given) return ''
  const state = dueState(given, now, isOff)
  const text = dueWords(given, now, isOff)
  const look = state === 'done' ? 'hold' : state
  return `<span class="due ${look}" title="Hạn ${longDate(given.due)}">${icon(icons[state])}${short ? text.replace(' làm việc', '') : text}</span>`
}

type Cell = 'use' | 'off' | 'hold' | 'now' | 'end' | 'over' | ''

/** The cells of the ruler, one a day from the first to the due day, or to today when it is over. */
export function rulerCells(given: Due, now: string, isOff: IsOff = weekend): Cell[] {
  const first = day(given.from)
  const due = day(given.due)
  const today = day(given.end ?? now)
  const last = Temporal.PlainDate.compare(today, due) > 0 ? today : due
  const total = first.until(last).days + 1
  const step = total > mostDayCells ? Math.ceil(total / mostDayCells / 7) * 7 : 1
  const cells: Cell[] = []
  for (let d = first; Temporal.PlainDate.compare(d, last) <= 0; d = d.add({ days: step })) {
    const to = d.add({ days: step })
    const has = (x: Temporal.PlainDate) =>
      Temporal.PlainDate.compare(d, x) <= 0 && Temporal.PlainDate.compare(x, to) < 0
    const past = Temporal.PlainDate.compare(to, today) <= 0
    if (has(today))
      cells.push(given.end !== undefined ? 'end' : Temporal.PlainDate.compare(today, due) > 0 ? 'over' : 'now')
    else if (step === 1 && isOff(d.toString())) cells.push('off')
    else if (given.holds?.some((h) => within(d, h))) cells.push('hold')
    else if (past) cells.push(Temporal.PlainDate.compare(d, due) > 0 ? 'over' : 'use')
    else cells.push('')
  }
  return cells
}

function within(d: Temporal.PlainDate, hold: { from: string; to?: string }): boolean {
  return (
    Temporal.PlainDate.compare(day(hold.from), d) <= 0 &&
    (hold.to === undefined || Temporal.PlainDate.compare(d, day(hold.to)) < 0)
  )
}

/** The ruler as HTML: a picture with its sentence; print the figures beside it. */
export function ruler(given: Due, now: string, isOff: IsOff = weekend): string {
  const cells = rulerCells(given, now, isOff)
    .map((c) => (c === '' ? '<i></i>' : `<i class="${c}"></i>`))
    .join('')
  return `<div class="ruler" role="img" aria-label="${dueWords(given, now, isOff)}; hạn ${longDate(given.due)}">${cells}</div>`
}
