/** Deleted mail goes for good when its days are over, or when one account's is too much; then the room on the disk is free. */
import { setTimeout } from 'node:timers/promises'
import { type Log, subsystem } from '#kit/log.ts'
import type { Store } from '#mailserver/store/port.ts'
import { Turns } from './turns.ts'

/** Messages of one job; the writer gives turns to others between two jobs. */
const together = 200
/** The pause after a job is so many times what it took: at most a fifth of the writer, and less when others use it. */
const pauseTimes = 4
/** Where nothing is to be kept, it must not lie for long. */
const everyMs = 60_000
const dayMs = 86_400_000

export type PurgeGiven = {
  store: Pick<Store, 'read' | 'write'>
  /** for how long deleted mail is kept, and octets of one account */
  days: number
  most: number
  now: () => number
  log: Log
}

/** One turn. @returns what is gone */
export async function purge(
  { store, days, most, now, log }: PurgeGiven,
  signal?: AbortSignal,
): Promise<{ messages: number; octets: number }> {
  const gone = { messages: 0, octets: 0 }
  await until({ before: now() - days * dayMs })
  for (const account of store.read.deletedBeyond(most)) await until({ account, beyond: most })
  if (gone.messages > 0) log.info(gone, 'deleted mail purged')
  return gone

  async function until(what: { before: number } | { account: number; beyond: number }): Promise<void> {
    for (let more = true; more && !signal?.aborted; ) {
      const started = performance.now()
      const done = await store.write('purgeDeleted', { ...what, most: together })
      gone.messages += done.messages
      gone.octets += done.octets
      more = done.messages === together
      await setTimeout(more ? (performance.now() - started) * pauseTimes : 0)
    }
  }
}

export function startPurge(given: Omit<PurgeGiven, 'log'>): Turns {
  const log = subsystem('purge')
  return new Turns({
    work: (signal) => purge({ ...given, log }, signal),
    afterStartMs: everyMs,
    everyMs,
    log,
    failed: 'deleted mail could not be purged',
  })
}
