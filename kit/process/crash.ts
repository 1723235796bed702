/**
 * Named crash points: every durable step passes one on each side, and the journey tests walk the list,
 * killing the process there (`CONGSO_CRASH_AT=<name>`, once for each file `CONGSO_CRASH_FILE` that
 * does not exist yet). In production the variable is not set and the call costs one comparison.
 */
import { openSync } from 'node:fs'

const at = process.env['CONGSO_CRASH_AT']
const once = process.env['CONGSO_CRASH_FILE']

export function crashPoint(name: CrashPoint): void {
  if (at === undefined || at !== name) return
  if (once) {
    try {
      openSync(once, 'wx')
    } catch {
      return // it has crashed here before: this is the run after
    }
  }
  process.kill(process.pid, 'SIGKILL')
}

/** Every crash point there is. A test walks this list; a name that no code passes fails it. */
export const crashPoints = [
  'store.beforeCommit',
  'store.afterCommit',
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
