import { statfsSync } from 'node:fs'
import type { Answer } from '#mailserver/edge/policy/answer.ts'

/** Mail up to this size stays in memory; what is larger goes through a file (octets, `spool_after` of Haraka's connection.ini). */
export const SPOOL_AFTER = 1024 * 1024
/** Haraka would say "421 Internal Server Error" in the middle of the mail, and others write on the same disk. */
const MARGIN = 2

type Space = { bavail: number; bsize: number }

/** At MAIL: is there room on the disk for a mail that is announced as so large (RFC 1870)? @returns undefined: there is */
export function refuseWithoutRoom(
  folder: string,
  octets: number | undefined,
  measure: (folder: string) => Space = statfsSync,
): Answer | undefined {
  if (octets === undefined || octets <= SPOOL_AFTER) return undefined
  const { bavail, bsize } = measure(folder)
  if (bavail * bsize >= octets * MARGIN) return undefined
  return {
    kind: 'later',
    code: 452,
    detail: '3.1',
    text: 'Disk is full, try later / O dia may chu da day, vui long gui lai sau',
  }
}
