/** The `workers` process: one watcher for each agency's register. Any number of such processes may run at once. */
import { resolve } from 'node:path'
import type { Province } from '#config/province.ts'
import { paths, ports, type Settings } from '#config/settings.ts'
import { loadActs } from '#kit/act/registry.ts'
import type { Address, Directory } from '#kit/directory/calls.ts'
import { subsystem } from '#kit/log.ts'
import { calendar } from '#kit/vi/workdays.ts'
import { MAX_TRIES } from './backoff.ts'
import { startClock } from './clock.ts'
import { RegisterWorker } from './register.ts'

const log = subsystem('workers')
const TIMER_MS = 30_000
/** New agencies are rare; their register is watched at the next look. */
const AGENCIES_MS = 60_000

export const actsFolder = resolve(import.meta.dirname, '../../acts')

export type WorkersGiven = {
  settings: Settings
  province: Province
  directory: Directory
  /** tests: another folder of acts, a quicker timer, only these registers */
  acts?: string
  timerMs?: number
  tries?: number
  only?: readonly Address[]
}

/** Resolves when the INBOX of every register is watched. */
export async function startWorkers(given: WorkersGiven): Promise<AsyncDisposable & { registers: readonly Address[] }> {
  const { settings, province, directory } = given
  const registry = await loadActs(given.acts ?? actsFolder)
  const at = ports(settings.portBase)
  // a listener on all addresses is reached by loopback
  const host = settings.listen === '0.0.0.0' || settings.listen === '::' ? '127.0.0.1' : settings.listen
  const shared = {
    province,
    registry,
    calendar: calendar(province.holidays, province.workingSwaps),
    directory,
    projections: paths(settings.data).projections,
    mail: {
      imap: { host, port: at.imap, tls: 'none' as const },
      submission: { host, port: at.submission, tls: 'none' as const },
    },
    origins: { portal: settings.portalOrigin, desk: settings.deskOrigin },
    clock: startClock(settings.clock),
    timerMs: given.timerMs ?? TIMER_MS,
    tries: given.tries ?? MAX_TRIES,
  }
  const workers = new Map<Address, RegisterWorker>()

  async function watchNew(): Promise<void> {
    const { agencies } = await directory['directory.agencies']({})
    const fresh = agencies.filter((a) => !workers.has(a.register) && (given.only?.includes(a.register) ?? true))
    for (const a of fresh)
      workers.set(a.register, new RegisterWorker({ ...shared, register: a.register, agency: a.id }))
    await Promise.all(fresh.map((a) => workers.get(a.register)?.start()))
    if (fresh.length > 0) log.info({ registers: workers.size }, 'watching registers')
  }
  await watchNew()
  const looking = setInterval(() => watchNew().catch((err) => log.warn({ err }, 'agencies not read')), AGENCIES_MS)
  return {
    get registers() {
      return [...workers.keys()]
    },
    async [Symbol.asyncDispose]() {
      clearInterval(looking)
      await Promise.all([...workers.values()].map((w) => w[Symbol.asyncDispose]()))
    },
  }
}
