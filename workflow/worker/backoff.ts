/** When to try a command again whose decision failed for a reason of the world, and when to stop. */

/** After the tenth failure, about 40 minutes after the first, a person must look. */
export const MAX_TRIES = 10
const FIRST_MS = 2_000
const MAX_MS = 10 * 60_000

/** Milliseconds until try number `tries + 1`; doubled each time. */
export function backoff(tries: number): number {
  return Math.min(FIRST_MS * 2 ** Math.max(0, tries - 1), MAX_MS)
}
