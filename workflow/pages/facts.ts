import type { Facts } from '#kit/act/act.ts'
import { localDate } from '#kit/vi/dates.ts'
import { fold } from '#kit/vi/fold.ts'
import type { Calendar } from '#kit/vi/workdays.ts'
import type { Viewer } from './viewer.ts'

/**
 * Facts for trying an act before its command is sent, so that what the worker would refuse is said beside its field. Numbers
 * are not drawn: the worker alone draws them, and decides again with facts of its own.
 */
export function trialFacts(viewer: Viewer, calendar: Calendar, now: Date): Facts {
  const at = now.toISOString()
  return {
    agency: viewer.agency,
    now: at,
    today: localDate(at),
    accounts: viewer.accounts,
    office: (role) => viewer.accounts.find((a) => a.kind === 'office' && a.role === role)?.address,
    party: (text) => {
      const wanted = fold(text)
      const found = viewer.accounts.find((a) => a.address === text || fold(a.name) === wanted)
      return found
        ? { address: found.address, name: found.name }
        : { problem: `Không có “${text.slice(0, 80)}” trong cơ quan.` }
    },
    next: () => 1,
    addDeadline: (from, amount, unit) => calendar.deadline(from, { amount, unit }),
    workingDaysBetween: (from, to) => calendar.between(localDate(from), localDate(to)),
    procedure: () => undefined,
  }
}
