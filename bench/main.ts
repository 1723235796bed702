/**
 * `npm run bench`: measures the suite against its aims, on a suite of its own in an empty folder, and removes it again.
 * Takes some four minutes on two cores; what takes long by itself is measured only when it is named. Absolute figures belong to one machine; `results/` keeps dated runs.
 * `npm run bench -- memory rebuild` runs only those named.
 */
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { measureActs } from './acts.ts'
import { measureApplications } from './applications.ts'
import { measureConnections } from './connections.ts'
import { measureDeliveries } from './deliveries.ts'
import { measureFanOut } from './fanout.ts'
import { measureGrowth } from './growth.ts'
import { measureListPage } from './listpage.ts'
import { measureLogins } from './logins.ts'
import { measureMemory } from './memory.ts'
import { measureRebuild } from './rebuild.ts'
import { measureSaturation } from './saturation.ts'
import { type MailService, withMailService } from './service.ts'
import { type Line, table } from './table.ts'

/** Starting leaves rubbish in every heap; the collectors take their time when nothing happens. */
const settleMs = 10_000
/** The whole run; what hangs is ended. */
const mostMs = 8 * 60_000

/** Of the suite. */
const usual = ['memory', 'acts', 'applications', 'deliveries', 'listpage', 'rebuild', 'fanout', 'logins'] as const
/** Only when named: each takes minutes. */
const long = ['connections', 'saturation', 'growth'] as const
const names = [...usual, ...long]
type Name = (typeof names)[number]

const asked = process.argv.slice(2)
const unknown = asked.find((a) => !(names as readonly string[]).includes(a))
if (unknown) throw new Error(`there is no measurement "${unknown}"; there are ${names.join(', ')}`)
const chosen: readonly string[] = asked.length === 0 ? usual : asked
const wanted = (...some: Name[]): boolean => some.some((n) => chosen.includes(n))

const lines: Line[] = []
const timer = setTimeout(() => {
  console.error(`not done after ${mostMs / 60_000} minutes; what was measured:\n${table(lines)}`)
  process.exit(1)
}, mostMs)

if (wanted('memory', 'acts', 'applications', 'deliveries', 'listpage')) {
  await using suite = await startTestSuite({ CONGSO_RSPAMD: 'off', CONGSO_IMAP_THREADS: '2', CONGSO_LOG_LEVEL: 'warn' })
  await measureSuite(suite)
}
if (wanted('rebuild')) {
  say('rebuild')
  lines.push(...(await measureRebuild()))
}
await alone('fanout', 'one large letter to everybody', measureFanOut)
await inService('logins', 'sign-ins', measureLogins)
await alone('connections', 'idle connections', measureConnections)
await inService('saturation', 'a minute at saturation', measureSaturation)
await alone('growth', 'stores of two sizes', measureGrowth)
clearTimeout(timer)
const cores = cpus()
console.log(
  `\n${new Date().toISOString().slice(0, 16)}Z, Node ${process.version}, ${cores.length} × ${cores[0]?.model}\n`,
)
console.log(table(lines))

async function alone(name: Name, what: string, measure: () => Promise<Line[]>): Promise<void> {
  if (!wanted(name)) return
  say(what)
  lines.push(...(await measure()))
}

async function inService(name: Name, what: string, measure: (service: MailService) => Promise<Line[]>): Promise<void> {
  await alone(name, what, () => withMailService({ env: { CONGSO_IMAP_THREADS: '2' } }, measure))
}

async function measureSuite(suite: TestSuite): Promise<void> {
  if (wanted('memory')) {
    say('memory of the idle suite')
    await pause(settleMs)
    const { lines: measured, detail } = measureMemory(suite)
    lines.push(...measured.map((l) => ({ ...l, how: `${l.how}: ${detail}` })))
  }
  if (wanted('applications', 'acts')) {
    say('applications')
    const { lines: measured, lodged } = await measureApplications(suite)
    if (wanted('applications')) lines.push(...measured)
    if (wanted('acts')) {
      await pause(1_000)
      say('acts')
      lines.push(...(await measureActs(suite, lodged)))
    }
  }
  if (wanted('deliveries')) {
    say('deliveries')
    lines.push(...(await measureDeliveries(suite)))
  }
  if (wanted('listpage')) {
    say('list page')
    lines.push(...(await measureListPage(suite)))
  }
}

function say(what: string): void {
  console.error(`measuring: ${what}`)
}
