/** A date some working days from now, as people type it; enough days that no holiday makes it one of rest. */
export function workingDay(days: number): string {
  const date = new Date(Date.now() + 7 * 3600_000)
  for (let left = days; left > 0; ) {
    date.setUTCDate(date.getUTCDate() + 1)
    if (date.getUTCDay() % 6 !== 0) left--
  }
  return [date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCFullYear()].join('/')
}
