import { statfsSync } from 'node:fs'
import type { JobName } from '../port.ts'

/**
 * Free space that new mail may not use, so that a full disk can still be emptied: a DELETE needs room in the log
 * too, and a register that has begun an act must be able to finish it. The log alone may grow to 101 MB.
 */
const RESERVE = 256 * 1024 * 1024
/** On small disks the reserve is this part of them. */
const RESERVE_PART = 0.2
/** What can be written meanwhile is far less than the reserve. */
const LOOK_EVERY_MS = 50

/** Jobs that bring octets nobody depends on yet: their sender still has them and is told to come back; files are read again later. */
const bringsOctets: ReadonlySet<JobName> = new Set<JobName>(['deliver', 'append', 'appendAll', 'submit', 'filesRead'])

type Space = { bavail: number; bsize: number; blocks: number }

export class Room {
  readonly #measure: () => Space
  #lookedAt = Number.NEGATIVE_INFINITY
  #low = false

  /** @param measure what the file system says, for tests */
  constructor(dir: string, measure: () => Space = () => statfsSync(dir)) {
    this.#measure = measure
  }

  /** Whether the job must wait for room on the disk. */
  refuses(job: JobName): boolean {
    if (!bringsOctets.has(job)) return false
    if (performance.now() - this.#lookedAt >= LOOK_EVERY_MS) {
      const { bavail, bsize, blocks } = this.#measure()
      this.#low = bavail * bsize < Math.min(RESERVE, blocks * bsize * RESERVE_PART)
      this.#lookedAt = performance.now()
    }
    return this.#low
  }
}
