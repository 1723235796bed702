/** When a letter that did not get through is tried again, and when that ends. Pure. */
import type { Answer } from '#kit/mail/deliver.ts'
import type { QueuedMail } from '#mailserver/store/port.ts'

const minute = 60_000
const hour = 60 * minute

/** Waits after the 1st, 2nd, … attempt; the last repeats. RFC 5321 §4.5.4.1 asks for 30 minutes once a host has failed. */
export const waits = [minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 4 * hour] as const
/** RFC 5321 §4.5.4.1: give up after four to five days. */
export const lifetime = 5 * 24 * hour
/**
 * Attempts that a letter gets at least and at most, whatever the clock says: one that jumps, or a machine that was off for a week, ends
 * none after a single try, and one that was put back does not try for years. Within `lifetime` there are some 33.
 */
export const attemptsLeast = waits.length
export const attemptsMost = 80
/** The sender is told once that it takes longer. */
export const warnAfter = 4 * hour

export type Verdict =
  | { state: 'done' }
  | { state: 'waiting'; nextAt: number; warn: boolean }
  | { state: 'failed'; status: string; reply: string }

/** What follows from an attempt; attempts before this one are in `row`. */
export function verdictOf(row: QueuedMail, answer: Answer, now: number): Verdict {
  if (answer.ok) return { state: 'done' }
  if (answer.code !== undefined && answer.code >= 500)
    return { state: 'failed', status: statusOf(answer.reply, '5.0.0'), reply: answer.reply }
  const age = now - row.queuedAt
  const tries = row.attempts.length + 1
  if ((age >= lifetime && tries >= attemptsLeast) || tries >= attemptsMost)
    return { state: 'failed', status: '4.4.7', reply: answer.reply }
  const wait = waits[Math.min(row.attempts.length, waits.length - 1)]!
  const before = row.attempts.at(-1)?.at ?? row.queuedAt
  return { state: 'waiting', nextAt: now + wait, warn: age >= warnAfter && before - row.queuedAt < warnAfter }
}

/** Enhanced status code (RFC 3463) that the other side gave, or the general one. */
export function statusOf(reply: string, general: string): string {
  return /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1] ?? general
}
