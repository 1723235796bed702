/** What time it is: the machine's, or in tests the setting `clock` from the moment of starting. */
import type { Instant } from '#kit/directory/calls.ts'

export type Clock = () => Instant

/** Whole seconds, as every instant of an event is written: instants then compare as texts. */
export function startClock(setting: string): Clock {
  const shift = setting === '' ? 0 : Date.parse(setting) - Date.now()
  if (Number.isNaN(shift))
    throw new Error(`CONGSO_CLOCK is "${setting}"; it must be an instant such as 2026-11-26T02:00:00Z`)
  return () => seconds(Date.now() + shift)
}

export function seconds(ms: number): Instant {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
