/** What holds when: accounts by day, grants by instant. Pure. */
import type { Grant, LocalDate } from '#kit/directory/calls.ts'
import type { AccountRow } from './store/accounts.ts'

const vietnamMs = 7 * 60 * 60_000 // UTC+7 all year since 1975-06-13

/** The day in Vietnam. @param at milliseconds since 1970 */
export function dayOf(at: number): LocalDate {
  return new Date(at + vietnamMs).toISOString().slice(0, 10)
}

/** Does the account exist on this day, and is it not switched off? */
export function isActive(account: Pick<AccountRow, 'disabled' | 'from' | 'to'>, day: LocalDate): boolean {
  return !account.disabled && account.from <= day && (account.to === undefined || day < account.to)
}

export function holdsAt(grant: Pick<Grant, 'from' | 'to'>, at: number): boolean {
  return Date.parse(grant.from) <= at && (grant.to === undefined || at < Date.parse(grant.to))
}
