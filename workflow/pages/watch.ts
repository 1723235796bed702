/** Tells open pages when a register changed: the projection's data version is compared (microseconds), never its rows. */
import { subsystem } from '#kit/log.ts'
import type { Count } from '#kit/web/desk.ts'
import type { Given } from './given.ts'
import type { Viewer } from './viewer.ts'
import { topicOf } from './worklist.ts'

const log = subsystem('desk:watch')
/** A change shows on open pages within this; the check costs 4 µs for each register that somebody looks at. */
const lookEveryMs = 50

/** Between a page and its event stream lie its scripts, on a slow line. */
const pageOpensMs = 60_000

export type Watch = Disposable & {
  /** Remembers which register a person's pages show. */
  saw: (viewer: Viewer) => void
}

export function watchRegisters(given: Pick<Given, 'hub' | 'registers' | 'now'>): Watch {
  const viewers = new Map<string, Viewer & { at: number }>()
  const versions = new Map<string, string>()
  const look = () => {
    const open = new Set(given.hub.people())
    for (const [address, { at }] of viewers)
      if (!open.has(address) && performance.now() - at > pageOpensMs) viewers.delete(address)
    const changed = new Set<string>()
    for (const register of new Set([...viewers.values()].map((v) => v.register))) {
      const version = given.registers.of(register).dataVersion()
      if (versions.get(register) !== undefined && versions.get(register) !== version) changed.add(register)
      versions.set(register, version)
    }
    for (const viewer of viewers.values())
      if (changed.has(viewer.register)) {
        given.hub.send(viewer.person.address, 'changed', { topic: topicOf(viewer.register) })
        given.hub.send(viewer.person.address, 'count', { app: 'dossiers', ...waiting(given, viewer) })
      }
  }
  const timer = setInterval(() => {
    try {
      look()
    } catch (err) {
      log.error({ err }, 'registers could not be watched')
    }
  }, lookEveryMs)
  timer.unref()
  return {
    saw: (viewer) => {
      viewers.set(viewer.person.address, { ...viewer, at: performance.now() })
      if (!versions.has(viewer.register))
        versions.set(viewer.register, given.registers.of(viewer.register).dataVersion())
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** What waits for this person; red when any of it is late. */
export function waiting(given: Pick<Given, 'registers' | 'now'>, viewer: Viewer): Count {
  const { total, late } = given.registers
    .of(viewer.register)
    .workCounts({ parties: viewer.parties, now: given.now().toISOString() })
  return late > 0 ? { n: late, words: 'quá hạn', hot: true } : { n: total, words: 'chờ xử lý' }
}
