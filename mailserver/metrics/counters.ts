/**
 * What is counted, in every thread of the mail service: events, and how long things took. A thread adds to numbers of its own in
 * memory that all share, so that counting is an addition, needs no lock and no object, and outlives the thread; whoever reads adds
 * them up. A thread that was told of no shared memory counts for itself alone.
 */
import type { Family } from './text.ts'

const doors = ['edge', 'lmtp', 'submission'] as const
const scopes = ['imap', 'pop3', 'smtp', 'sieve', 'web', 'control', 'token'] as const
/** Upper bounds in seconds; half of a commit takes some milliseconds, a slow disk a second. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** in capitals, "UID FETCH" as one; a test compares them with the engine's table. `other` is what is no command */
export const imapNames =
  'APPEND AUTHENTICATE CAPABILITY CHECK CLOSE COMPRESS COPY CREATE DELETE DELETEACL ENABLE EXAMINE EXPUNGE FETCH GETACL GETMETADATA GETQUOTA GETQUOTAROOT ID IDLE LIST LISTRIGHTS LOGIN LOGOUT LSUB MOVE MYRIGHTS NAMESPACE NOOP NOTIFY RENAME REPLACE SEARCH SELECT SETACL SETMETADATA SETQUOTA SORT STARTTLS STATUS STORE SUBSCRIBE THREAD UNAUTHENTICATE UNSELECT UNSUBSCRIBE ESEARCH CANCELUPDATE'
    .split(' ')
    .concat([
      'UID COPY',
      'UID EXPUNGE',
      'UID FETCH',
      'UID MOVE',
      'UID REPLACE',
      'UID SEARCH',
      'UID SORT',
      'UID STORE',
      'UID THREAD',
      'other',
    ])

type Labels = Record<string, string>
type Counted = { name: string; help: string; kind: 'counter' | 'histogram'; series: { labels: Labels; at: number }[] }

const families: Counted[] = []
let size = 0

/** Places for one number, or a histogram's, by the values of one or two labels. */
function places(kind: Counted['kind'], name: string, help: string, all: readonly Labels[]): number[] {
  const series = all.map((labels) => {
    const at = size
    size += kind === 'counter' ? 1 : bounds.length + 2 // the last bound is endless; then the sum
    return { labels, at }
  })
  families.push({ kind, name, help, series })
  return series.map(({ at }) => at)
}

function byTwo<A extends string, B extends string>(
  [name, help]: [string, string],
  [a, as]: [string, readonly A[]],
  [b, bs]: [string, readonly B[]],
): Record<A, Record<B, number>> {
  const at = places(
    'counter',
    name,
    help,
    as.flatMap((x) => bs.map((y) => ({ [a]: x, [b]: y }))),
  )
  return Object.fromEntries(
    as.map((x, i) => [x, Object.fromEntries(bs.map((y, j) => [y, at[i * bs.length + j]!]))]),
  ) as Record<A, Record<B, number>>
}

function byOne<A extends string>(
  kind: Counted['kind'],
  [name, help]: [string, string],
  [a, as]: [string, readonly A[]],
): Record<A, number> {
  const at = places(
    kind,
    name,
    help,
    as.map((x) => ({ [a]: x })),
  )
  return Object.fromEntries(as.map((x, i) => [x, at[i]!])) as Record<A, number>
}

export const counters = {
  /** at the edge what RCPT refused, too */
  recipients: byTwo(
    ['congso_recipients', 'recipients of messages that came in, by door'],
    ['door', doors],
    ['result', ['accepted', 'refused']],
  ),
  signIns: byTwo(
    ['congso_sign_ins', 'sign-ins; token: with one that was given before, as the pages do'],
    ['scope', scopes],
    ['result', ['ok', 'refused', 'slowed']],
  ),
  imap: byOne('counter', ['congso_imap_commands', 'IMAP commands, whatever the answer'], ['command', imapNames]),
  queue: byOne(
    'counter',
    ['congso_queue_attempts', 'attempts to send to the outside'],
    ['result', ['delivered', 'deferred', 'failed']],
  ),
} as const

export const histograms = {
  accepted: byOne(
    'histogram',
    ['congso_accept_seconds', 'from DATA, at the edge from the hand-over, to the answer after the commit'],
    ['door', doors],
  ),
  commit: places('histogram', 'congso_commit_seconds', 'making a group of changes durable in the store', [{}])[0]!,
} as const

let cells: Float64Array = new Float64Array(size)

/** Memory for so many threads. */
export const newCounters = (threads: number): SharedArrayBuffer =>
  new SharedArrayBuffer(threads * size * Float64Array.BYTES_PER_ELEMENT)

/** Where a thread counts. `thread`: its own number; two threads with one would lose each other's counts */
export type CountersOf = { shared: SharedArrayBuffer; thread: number }

export function useCounters({ shared, thread }: CountersOf): void {
  cells = new Float64Array(shared, thread * size * Float64Array.BYTES_PER_ELEMENT, size)
}

/** @param at one of `counters` */
export function count(at: number, times = 1): void {
  cells[at]! += times
}

export const countImap = (name: string): void => count(counters.imap[name] ?? counters.imap['other']!)

/** @param at one of `histograms` @param begun `performance.now()` then */
export function took(at: number, begun: number): void {
  const seconds = (performance.now() - begun) / 1000
  let i = 0
  while (i < bounds.length && seconds > bounds[i]!) i++
  cells[at + i]! += 1
  cells[at + bounds.length + 1]! += seconds
}

/** What all threads have counted. A sum may be a moment younger than its parts. */
export function countedBy(shared: SharedArrayBuffer): Family[] {
  const all = new Float64Array(shared)
  const sum = (at: number): number => {
    let total = 0
    for (let i = at; i < all.length; i += size) total += all[i]!
    return total
  }
  return families.map(({ name, help, kind, series }): Family => {
    if (kind === 'counter')
      return { kind, name, help, values: series.map(({ labels, at }) => ({ labels, value: sum(at) })) }
    return {
      kind,
      name,
      help,
      values: series.map(({ labels, at }) => ({
        labels,
        buckets: bounds.map((to, i) => ({ to, count: sum(at + i) })),
        beyond: sum(at + bounds.length),
        sum: sum(at + bounds.length + 1),
      })),
    }
  })
}
