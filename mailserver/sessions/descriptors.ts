/**
 * File descriptors of this process: a connection takes one. Node raises its soft limit to the hard one when it starts, and nothing in it
 * can raise the hard one: that is the system's (`LimitNOFILE=` of the unit, `ulimit -Hn` of a shell).
 */
import { readFileSync } from 'node:fs'
import { maxConnections } from './limits.ts'

/** Listeners, databases with their logs for each thread, the desk's and the workers' calls, outbound mail, files being read. */
export const reserve = 1_000

/** @returns undefined where the system does not say */
export function descriptorLimit(limits = systemLimits()): number | undefined {
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits ?? '')?.[1]
  if (soft === undefined) return undefined
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}

/** Connections that may be open: all that there is a place for, or what the descriptors leave, and never none. */
export function placesFor(descriptors: number | undefined): number {
  if (descriptors === undefined) return maxConnections
  return Math.max(1, Math.min(maxConnections, Math.max(descriptors - reserve, Math.floor(descriptors / 2))))
}

function systemLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return undefined // not Linux
  }
}
