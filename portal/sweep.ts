import { readdir, rm, stat } from 'node:fs/promises'
import { subsystem } from '#kit/log.ts'
import { DONE_DAYS, DRAFT_DAYS, LOOKUP_MINUTES } from './limits.ts'
import { forget, keptPaths } from './store/drafts.ts'
import type { Store } from './store/open.ts'
import { forgetMail } from './store/outbox.ts'
import { forgetTallies, forgetVisits } from './store/visits.ts'

const log = subsystem('portal:sweep')
const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A file without a row may belong to an upload under way; after a day it does not. */
const ORPHAN_AGE = DAY

/** Forgets what is past its time: drafts, done pages, lookups, counts, and files that no row names. */
export async function sweep(store: Store, uploads: string, at: string): Promise<void> {
  const before = (ms: number): string => new Date(Date.parse(at) - ms).toISOString()
  const drafts = forget(store, { draftsBefore: before(DRAFT_DAYS * DAY), doneBefore: before(DONE_DAYS * DAY) })
  forgetMail(store, before(DONE_DAYS * DAY))
  forgetVisits(store, before(LOOKUP_MINUTES * 60_000))
  forgetTallies(store, at)
  const kept = keptPaths(store)
  let files = 0
  for (const folder of await readdir(uploads)) {
    for (const name of await readdir(`${uploads}/${folder}`)) {
      const path = `${uploads}/${folder}/${name}`
      if (kept.has(path) || (await stat(path)).mtimeMs > Date.now() - ORPHAN_AGE) continue
      await rm(path, { force: true })
      files++
    }
  }
  if (drafts + files > 0) log.info({ drafts, files }, 'forgotten')
}

/** Now, and then every hour until disposed. */
export function sweepHourly(store: Store, uploads: string, now: () => string): Disposable {
  const run = (): void => void sweep(store, uploads, now()).catch((err: unknown) => log.error({ err }, 'sweep failed'))
  run()
  const timer = setInterval(run, HOUR)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
