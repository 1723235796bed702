import { expect } from 'chai'
import { attemptsLeast, attemptsMost, lifetime, verdictOf } from '#mailserver/outbound/schedule.ts'
import type { QueuedMail } from '#mailserver/store/port.ts'

const hour = 3_600_000
const busy = { ok: false as const, code: 451, reply: '4.2.1 busy' }
const row = (tried: number) =>
  ({
    queuedAt: 0,
    attempts: Array.from({ length: tried }, (_, i) => ({ at: i, host: 'x', reply: '' })),
  }) as unknown as QueuedMail

describe('when a letter is given up', () => {
  const cases: [what: string, tried: number, now: number, state: string][] = [
    ['at the first try on time', 0, 0, 'waiting'],
    ['after five days of tries', 30, lifetime, 'failed'],
    ['at the first try after ten years, or a week without power', 0, 3650 * 24 * hour, 'waiting'],
    ['after tries of some hours then', attemptsLeast - 1, 3650 * 24 * hour, 'failed'],
    ['by a clock that has been put back', attemptsMost - 2, -3650 * 24 * hour, 'waiting'],
    ['by such a clock, after more tries than a letter ever has', attemptsMost - 1, -3650 * 24 * hour, 'failed'],
  ]
  for (const [what, tried, now, state] of cases)
    it(`${what}: ${state}`, () => expect(verdictOf(row(tried), busy, now).state).to.equal(state))
})
