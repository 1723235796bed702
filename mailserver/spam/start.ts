/**
 * A private rspamd: its own configuration, data and ports below the data folder, nothing in /etc touched, no Redis.
 * Runs as whoever runs the suite. Statistics and learning are kept in SQLite.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Settings } from '#config/settings.ts'
import { paths, ports } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import { scanner } from '#mailserver/spam/available.ts'
import type { RspamdFolder } from '#mailserver/spam/config.ts'
import { writeRspamdFolder } from '#mailserver/spam/config.ts'
import { startNoDns } from '#mailserver/spam/nodns.ts'

const log = subsystem('spam')

/** The first start compiles patterns for 12 s on an idle machine. */
const START_MS = 120_000
const STOP_MS = 10_000

/** @returns when it answers; `{off}` with the reason when there is no scanner. @throws Error when it ends at once or stays silent */
export async function startRspamd({ settings }: { settings: Settings }): Promise<AsyncDisposable | { off: string }> {
  const found = scanner(settings)
  if (!found.on) return { off: found.why }
  // in local start and without servers of its own a machine's DNS is not relied upon
  const offline = settings.mode === 'local' && settings.dnsServers === ''
  await using stack = new AsyncDisposableStack()
  const noDns = offline ? stack.use(await startNoDns()) : undefined
  const nameserver =
    noDns?.address ?? (settings.dnsServers === '' ? undefined : settings.dnsServers.split(',')[0]!.trim())
  const folder = writeRspamdFolder(settings, { nameserver, offline, password: controllerPassword(settings) })
  await endFormer(folder)
  const child = stack.adopt(run(found.program, folder), end)
  writeFileSync(`${folder.db}/pid`, String(child.pid))
  await ready(child, ports(settings.portBase).rspamd)
  log.info({ port: ports(settings.portBase).rspamd, offline }, 'rspamd ready')
  const running = stack.move()
  // the parent supervises this process: when the scanner ends, it is this process that has failed
  child.once('exit', (code, signal) => {
    if (ending.has(child)) return
    log.fatal({ code, signal }, 'rspamd ended')
    process.exitCode = 1
    process.kill(process.pid, 'SIGTERM')
  })
  return running
}

const ending = new WeakSet<ChildProcess>()

function run(program: string, folder: RspamdFolder): ChildProcess {
  const asRoot = process.getuid?.() === 0 ? ['-i', '-u', 'root', '-g', 'root'] : []
  const vars = {
    CONFDIR: folder.config,
    LOCAL_CONFDIR: folder.local,
    DBDIR: folder.db,
    RUNDIR: folder.run,
    LOGDIR: folder.log,
  }
  const child = spawn(
    program,
    ['-f', ...asRoot, '-c', `${folder.config}/rspamd.conf`, ...Object.entries(vars).map(([k, v]) => `--var=${k}=${v}`)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  child.on('error', (err) => log.error({ err }, 'rspamd cannot be run'))
  for (const stream of [child.stdout!, child.stderr!])
    createInterface({ input: stream }).on('line', (line) => {
      // its lines bear no level: they are for whoever looks into the scanner, and for a start that fails
      if (line.trim() === '') return
      log.debug(line)
      lastLines.push(line)
      lastLines.splice(0, lastLines.length - KEPT_LINES)
    })
  return child
}

const lastLines: string[] = []
const KEPT_LINES = 8

async function ready(child: ChildProcess, port: number): Promise<void> {
  const limit = performance.now() + START_MS
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`rspamd ended at its start (${child.exitCode ?? child.signalCode}): ${lastLines.join(' | ')}`)
    const pong = await fetch(`http://127.0.0.1:${port}/ping`, { signal: AbortSignal.timeout(2_000) }).then(
      (r) => r.ok,
      () => false, // not listening yet
    )
    if (pong) return
    if (performance.now() > limit) throw new Error(`rspamd does not answer on port ${port} after ${START_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function end(child: ChildProcess): Promise<void> {
  ending.add(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(timer)
}

/** One left behind by a killed suite holds our ports. Known by its process number and by our folder on its command line. */
async function endFormer(folder: RspamdFolder): Promise<void> {
  const file = `${folder.db}/pid`
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8'))
  const ours = () =>
    Number.isInteger(pid) &&
    pid > 1 &&
    existsSync(`/proc/${pid}/cmdline`) &&
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder.db)
  for (let i = 0; ours(); i++) {
    process.kill(pid, i < 50 ? 'SIGTERM' : 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Of the controller, which learns. Made at first start. */
export function controllerPassword(settings: Pick<Settings, 'data'>): string {
  const folder = paths(settings.data).rspamd
  const file = `${folder}/controller-password`
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  }
  return readFileSync(file, 'utf8').trim()
}
