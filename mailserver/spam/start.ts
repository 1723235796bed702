/**
 * A private rspamd: its own configuration, data and ports below the data folder, nothing in /etc touched, no Redis.
 * Runs as whoever runs the suite. Statistics and learning are kept in SQLite.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs'
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
  await endOrphans(folder) // of a suite that was killed
  const child = stack.adopt(run(found.program, folder), (running) => end(running, folder))
  await ready(child, ports(settings.portBase).rspamd)
  log.info({ port: ports(settings.portBase).rspamd, offline }, 'rspamd ready')
  const running = stack.move()
  // the parent supervises this process: when the scanner ends, it is this process that has failed
  child.once('exit', (code, signal) => {
    if (ending.has(child)) return
    log.fatal({ code, signal }, 'rspamd ended')
    process.exitCode = 1
    process.kill(process.pid, 'SIGTERM') // what ends us ends those that it left
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
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder.db },
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

async function end(child: ChildProcess, folder: RspamdFolder): Promise<void> {
  ending.add(child)
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(timer)
  }
  await endOrphans(folder)
}

/**
 * When its main process is killed, rspamd's workers go on, deaf to SIGTERM, and hold our ports. They are known by the folder
 * in which they run; what they call themselves no longer has anything of ours.
 */
async function endOrphans(folder: RspamdFolder): Promise<void> {
  const db = realpathSync(folder.db)
  const ours = () =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === db && stateOf(pid) !== 'Z'
      } catch {
        return false // gone meanwhile, or somebody else's
      }
    })
  for (let left = ours(); left.length > 0; left = ours()) {
    for (const pid of left) process.kill(Number(pid), 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** proc(5): R, S, D, Z (ended, its parent has not looked yet), … */
const stateOf = (pid: string): string => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? ''

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
