/**
 * How failed sign-ins slow further ones. Pure.
 *
 * Three counters, kept in the database so that every thread and process sees them: the account (whoever tries), the
 * network address (whichever account), and the pair of both once the person has signed in from there. A known pair is
 * judged by its own counter alone, so a stranger who fails on purpose cannot lock an official out of her own desk, and
 * one clumsy colleague cannot lock out a whole office behind one address. Codes of the second factor have a counter of
 * their own for each account: only who has the password can run it up.
 */
export type FailureKind = 'account' | 'address' | 'pair' | 'code'

/** failures that cost nothing: typing errors; an address may stand for a whole office */
const free: Record<FailureKind, number> = { account: 5, pair: 10, address: 40, code: 5 }
const firstWaitMs = 2_000
const longestWaitMs = 15 * 60_000
/** failures older than this are forgotten */
export const forgetMs = 60 * 60_000
/** a pair stays known this long after the last success */
export const knownMs = 30 * 24 * 60 * 60_000

export type Failures = { count: number; lastAt: number; untilAt: number }

/** After one more failure at `now`. */
export function oneMore(kind: FailureKind, before: Failures | undefined, now: number): Failures {
  const count = (before && now - before.lastAt < forgetMs ? before.count : 0) + 1
  const over = count - free[kind]
  const wait = over <= 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(over - 1, 20))
  return { count, lastAt: now, untilAt: now + wait }
}

/** Seconds still to wait, 0 when a try is allowed. A failure of the future is of a clock that has been put back: nobody waits for that. */
export function secondsToWait(failures: Failures | undefined, now: number): number {
  if (!failures || failures.untilAt <= now || failures.lastAt > now) return 0
  return Math.ceil((failures.untilAt - now) / 1000)
}

/** The network that is counted: an IPv4 address, the /64 of an IPv6 address (one household has 2^64 of them). */
export function networkOf(ip: string): string {
  const plain = ip
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*$/, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right]
    .slice(0, 4)
    .map((g) => g.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
