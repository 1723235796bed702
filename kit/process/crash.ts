/**
 * Named crash points: every durable step passes one on each side, and tests walk the list, killing the process there as a
 * power cut would. In production neither variable is set and a call costs two comparisons.
 *
 *   CONGSO_CRASH_AT=<name>        crash there; with CONGSO_CRASH_FILE=<path> once: the file is made, and found the next time
 *   CONGSO_CRASH_ORDER=<path>     crash once at the name that the file holds whenever it is written; the file is taken away first
 *
 * A name may be followed by a number: "store.afterCommit 3" is the third time that a thread passes it.
 */
import { openSync, readFileSync, unlinkSync } from 'node:fs'

const at = process.env['CONGSO_CRASH_AT']
const once = process.env['CONGSO_CRASH_FILE']
const order = process.env['CONGSO_CRASH_ORDER']

export function crashPoint(name: CrashPoint): void {
  if (order !== undefined && isDue(ordered(order), name) && taken(() => unlinkSync(order))) crash()
  if (at !== undefined && isDue(at, name) && (once === undefined || taken(() => openSync(once, 'wx')))) crash()
}

const passed = new Map<string, number>()

function isDue(wanted: string | undefined, name: CrashPoint): boolean {
  const [point, times = '1'] = wanted?.split(' ') ?? []
  if (wanted === undefined || point !== name) return false
  const now = (passed.get(wanted) ?? 0) + 1
  passed.set(wanted, now)
  return now >= Number(times)
}

function ordered(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined // nobody has ordered a crash
  }
}

/** Of several processes that come to the point at once, one takes the order. */
function taken(take: () => unknown): boolean {
  try {
    take()
    return true
  } catch {
    return false
  }
}

function crash(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Every crash point there is. A test walks this list; a name that no code passes fails it. */
export const crashPoints = [
  'store.beforeCommit',
  'store.afterCommit',
  'store.betweenSlices',
  'store.beforeHousekeeping',
  'store.afterHousekeeping',
  'submission.beforeAccept',
  'submission.afterAccept',
  'edge.beforeHandover',
  'edge.afterHandover',
  'outbound.beforeAttempt',
  'outbound.afterAttempt',
  'worker.beforeDecide',
  'worker.beforeCommit',
  'worker.afterCommit',
  'projection.beforeApply',
  'projection.afterApply',
  'portal.beforeLodge',
  'portal.afterLodge',
] as const
export type CrashPoint = (typeof crashPoints)[number]
