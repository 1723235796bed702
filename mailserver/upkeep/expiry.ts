/** When Junk and Trash are emptied. */
import { subsystem } from '#kit/log.ts'
import { type ExpireGiven, expire } from './expire.ts'
import { Turns } from './turns.ts'

/** Whoever starts has more urgent work first. */
const afterStartMs = 60_000
/** A letter that should be kept for 30 days may be kept an hour longer. */
const everyMs = 3_600_000
/** Who is named in the record. */
const service = 'mailserver'

export function startExpiry(given: Omit<ExpireGiven, 'log'>): Turns {
  const log = subsystem('expiry')
  return new Turns({
    work: (signal) => expire({ ...given, log }, { by: service, signal }),
    afterStartMs,
    everyMs,
    log,
    failed: 'Junk and Trash could not be emptied',
  })
}
