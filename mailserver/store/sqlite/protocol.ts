import type { CountersOf } from '#mailserver/metrics/counters.ts'
import type { Change, JobName } from '../port.ts'
import type { ReadyJob } from './tx.ts'

/** What waits in a port before the thread that gets it asks for it: where the cell is, its count of commits, and where to say what the thread wants to hear of. */
export type Hello = { dir: string; commits: SharedArrayBuffer; wants: SharedArrayBuffer }

export type Request = { id: number; job: JobName; input: ReadyJob }
/** `limit`: a RangeError, the caller's doing. `full`: there was no room for it on the disk. `missing`: send the octets in full, the store no longer has them. */
export type Answer =
  | { id: number; out: unknown }
  | { id: number; failed: string; limit?: true; full?: true }
  | { id: number; missing: true }
/** Changes are heard before answers are: who asked knows of his own. */
export type FromWriter = { answers?: Answer[]; changes?: Change[] }

/** With which the writer thread starts. */
export type WriterData = { dir: string; commits: SharedArrayBuffer; counters: CountersOf | undefined }
/** To the writer thread itself. */
export type ToHost = 'ready'
export type FromHost = { join: import('node:worker_threads').MessagePort; wants: SharedArrayBuffer } | { stop: true }
