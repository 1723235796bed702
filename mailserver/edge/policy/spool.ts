import { statfsSync } from 'node:fs'
import type { Refused } from '#mailserver/edge/policy/answer.ts'
import { diskFull } from '#mailserver/edge/policy/answer.ts'

/** Mail up to this size stays in memory; what is larger goes through a file (octets). */
export const SPOOL_AFTER = 1024 * 1024
/** Others write on the same disk. */
const MARGIN = 2

type Space = { bavail: number; bsize: number }

/** At MAIL: is there room on the disk for a mail that is announced as so large (RFC 1870)? @returns undefined: there is */
export function refuseWithoutRoom(
  folder: string,
  octets: number | undefined,
  measure: (folder: string) => Space = statfsSync,
): Refused | undefined {
  if (octets === undefined || octets <= SPOOL_AFTER) return undefined
  const { bavail, bsize } = measure(folder)
  return bavail * bsize >= octets * MARGIN ? undefined : diskFull
}
