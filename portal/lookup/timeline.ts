import type { PublicCase } from '#kit/act/family.ts'
import type { Calendar } from '#kit/vi/workdays.ts'
import type { Due } from '#kit/web/deadline.ts'

/** How a step of the timeline looks: `good` a result, `hold` the clock stands, `bad` refused. */
export type Look = 'done' | 'good' | 'hold' | 'bad'
const looks: Record<string, Look> = {
  'dossier.issue': 'good',
  'dossier.approve': 'good',
  'dossier.reject': 'bad',
}
export const lookOf = (kind: string): Look => looks[kind] ?? 'done'

// National list of states (domain.md §3.2).
const REJECTED = 3
const PAUSED = 5

export type Verdict = {
  heading: string
  detail: string
  look: 'ok' | 'soon' | 'late' | 'wait' | 'good' | 'bad'
  due?: Due
}

/** The state of a case in one heading and one sentence, and the deadline to draw. Pure. */
export function verdict(c: PublicCase, unit: 'day' | 'workingDay' | 'hour', calendar: Calendar, now: string): Verdict {
  const words = unit === 'day' ? 'ngày' : 'ngày làm việc'
  const span = (from: string, to: string): number => {
    const [a, b] = [calendarDay(from), calendarDay(to)]
    return unit === 'day' ? Temporal.PlainDate.from(a).until(b).days : calendar.between(a, b)
  }
  if (c.outer === REJECTED)
    return {
      heading: 'Không được tiếp nhận',
      detail: 'Lý do ở phần diễn biến. Ông/Bà có thể sửa hồ sơ và nộp lại.',
      look: 'bad',
    }
  if (!c.receivedAt || !c.due)
    return {
      heading: c.stateName,
      detail:
        'Bộ phận Một cửa kiểm tra hồ sơ, chậm nhất trong ngày làm việc tiếp theo. Thời hạn giải quyết tính từ lúc tiếp nhận.',
      look: 'wait',
    }
  const due: Due = {
    from: c.receivedAt,
    due: c.due,
    unit: unit === 'day' ? 'day' : 'workingDay',
    ...(c.finishedAt ? { end: c.finishedAt } : {}),
    ...(c.outer === PAUSED ? { holds: [{ from: c.steps.at(-1)?.at ?? now }] } : {}),
  }
  const whole = span(c.receivedAt, c.due)
  if (c.finishedAt) {
    const used = Math.max(0, span(c.receivedAt, c.finishedAt))
    const spare = span(c.finishedAt, c.due)
    const onTime = c.onTime ?? c.finishedAt <= c.due
    const how = onTime
      ? spare > 0
        ? `, trước hạn ${spare} ${words}`
        : ', đúng hạn'
      : `, quá hạn ${Math.max(0, -spare)} ${words}`
    return {
      heading: `Đã có kết quả${how}`,
      detail: `Dùng ${used} trong ${whole} ${words}`,
      look: onTime ? 'good' : 'late',
      due,
    }
  }
  if (c.outer === PAUSED)
    return { heading: c.stateName, detail: 'Thời hạn tạm dừng cho đến khi có giấy tờ bổ sung.', look: 'wait', due }
  const left = span(now, c.due)
  if (now > c.due)
    return { heading: c.stateName, detail: `Đã quá hẹn trả${left < 0 ? ` ${-left} ${words}` : ''}`, look: 'late', due }
  return {
    heading: c.stateName,
    detail: left === 0 ? 'Hẹn trả trong hôm nay' : `Còn ${left} ${words}, trong ${whole} ${words}`,
    look: left <= 2 ? 'soon' : 'ok',
    due,
  }
}

const calendarDay = (instant: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO('Asia/Ho_Chi_Minh').toPlainDate().toString()
