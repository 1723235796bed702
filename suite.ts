/** The parent of all processes: locks the data folder, starts them stage by stage, seeds, says where to go, stops in order. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { paths, ports, type Settings, settingsTable } from '#config/settings.ts'
import { leanEnv, makeCodeReady } from '#kit/process/lean.ts'
import { lockFolder } from '#kit/process/lock.ts'
import { health, readStatus, writeStatus } from '#kit/process/status.ts'
import { type ProcessState, Supervised } from '#kit/process/supervise.ts'
import { type DemoPerson, demoPeople, seedDemonstration } from './config/demo.ts'
import { directoryFor, processes, province } from './processes.ts'

const heartbeatMs = 5_000
/** So long a process that everything needs is tried again at the start, before the start is given up. */
const firstTriesMs = 5_000

/** Runs until SIGINT or SIGTERM. @throws Error when the data folder is in use or the mail server does not start */
export async function startSuite(settings: Settings): Promise<void> {
  const at = paths(settings.data)
  const stop = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.resolve())
  mkdirSync(`${settings.data}/run`, { recursive: true, mode: 0o700 })
  using _lock = lockFolder(at.lock)

  const running = processes.map((entry) => ({ entry, process: supervised(settings, entry.name, () => publish()) }))
  const publish = () =>
    writeStatus(at.status, {
      pid: process.pid,
      at: Date.now(),
      processes: Object.fromEntries(running.map((r) => [r.entry.name, r.process.state])),
    })
  const heartbeat = setInterval(publish, heartbeatMs)
  try {
    await makeCodeReady(import.meta.dirname)
    for (const stage of [1, 2, 3]) {
      const states = await Promise.race([
        Promise.all(running.filter((r) => r.entry.stage === stage).map((r) => r.process.start())),
        stop.promise,
      ])
      if (!states) return
      if (stage === 1) {
        const mustServe = running.filter((r) => r.entry.stage === 1).map((r) => r.process)
        if ((await Promise.race([awaitReady(mustServe, settings), stop.promise])) === undefined) return
        await firstStart(settings)
      }
    }
    console.log(
      screen(
        settings,
        running.map((r) => [r.entry.name, r.entry.about, r.process.state]),
      ),
    )
    await stop.promise
  } finally {
    console.log('Đang dừng…')
    for (const stage of [3, 2, 1])
      await Promise.all(running.filter((r) => r.entry.stage === stage).map((r) => r.process.stop()))
    clearInterval(heartbeat)
    publish()
  }
}

/**
 * Without these no other process can do anything. One may fail at first, where what ran before has not yet left its ports.
 * @throws Error with the reason when one is not ready in time
 */
async function awaitReady(needed: readonly Supervised[], settings: Settings): Promise<true> {
  const until = performance.now() + firstTriesMs
  for (;;) {
    const missing = needed.find((p) => p.state.state !== 'ready')
    if (!missing) return true
    const { state } = missing
    if (performance.now() > until && state.state !== 'starting')
      throw new Error(
        `${missing.name} does not start: ${'reason' in state ? state.reason : state.state} (${settings.data}/logs/${missing.name}.log)`,
      )
    await sleep(50)
  }
}

function supervised(settings: Settings, name: string, changed: () => void): Supervised {
  const env: NodeJS.ProcessEnv = { ...leanEnv(import.meta.dirname), ...process.env }
  for (const [key, value] of Object.entries(settings))
    env[settingsTable[key as keyof typeof settingsTable].env] = String(value)
  return new Supervised({
    name,
    program: `${import.meta.dirname}/congso.ts`,
    argv: ['serve', name],
    env,
    logFolder: `${settings.data}/logs`,
    changed,
  })
}

/** The province's agencies, offices and people; in local mode the demonstration people get passwords. Idempotent. */
async function firstStart(settings: Settings): Promise<void> {
  const done = `${settings.data}/seeded`
  if (existsSync(done)) return
  const directory = directoryFor(settings, 'cli')
  await seedDemonstration({ directory, province: province(settings), withPasswords: settings.mode === 'local' })
  writeFileSync(done, `${randomBytes(8).toString('hex')}\n`)
}

function screen(settings: Settings, states: readonly (readonly [string, string, ProcessState])[]): string {
  const p = ports(settings.portBase)
  const lines = [
    '',
    `Công Sở đang chạy (${settings.data})`,
    '',
    `  Cổng dịch vụ công    ${settings.portalOrigin}`,
    `  Bàn làm việc, thư    ${settings.deskOrigin}`,
    ...(settings.mode === 'local' ? [`  Hộp thư bên ngoài    http://${settings.listen}:${p.sinkPage}`] : []),
    `  IMAP                 ${p.imap} (STARTTLS), ${p.imaps} (TLS)`,
    `  POP3                 ${p.pop3} (STLS), ${p.pop3s} (TLS)`,
    `  Gửi thư (SMTP)       ${p.submission} (STARTTLS), ${p.submissions} (TLS)`,
    `  Bộ lọc (ManageSieve) ${p.sieve} (STARTTLS)`,
    `  Nhận thư             ${p.smtp} (SMTP), ${p.lmtp} (LMTP)`,
  ]
  if (settings.mode === 'local') {
    lines.push('', `  Đăng nhập (mật khẩu chung: ${demoPeople[0]!.password})`)
    for (const person of demoPeople) lines.push(`    ${column(person)}${person.role}`)
  }
  const odd = states.filter(([, , s]) => s.state !== 'ready')
  if (odd.length > 0) lines.push('', '  Chưa chạy:')
  for (const [name, about, state] of odd)
    lines.push(`    ${name} (${about}): ${'reason' in state ? state.reason : state.state}`)
  lines.push('', `  Nhật ký: ${settings.data}/logs   Dừng: Ctrl+C`, '')
  return lines.join('\n')
}

function column(person: DemoPerson): string {
  return person.address.padEnd(32)
}

/** Messages whose files are still to be read for search; undefined when the mail service cannot be asked. */
async function filesWaiting(settings: Settings): Promise<number | undefined> {
  try {
    using directory = directoryFor(settings, 'cli')
    return (await directory.usage({})).filesWaiting
  } catch {
    return undefined // not running, or just starting: the state above says so
  }
}

/** `congso status`. @returns the exit code */
export async function printStatus(
  settings: Settings,
  { wait, json }: { wait?: string; json?: boolean },
): Promise<number> {
  const file = paths(settings.data).status
  const until = performance.now() + Number(wait ?? 0) * 1000
  let result = health(file)
  while (result.code !== 200 && performance.now() < until) {
    await sleep(200)
    result = health(file)
  }
  const waiting = readStatus(file) === undefined ? undefined : await filesWaiting(settings)
  if (json)
    console.log(
      JSON.stringify({ ...result.body, ...(waiting === undefined ? {} : { filesWaiting: waiting }) }, null, 2),
    )
  else if (readStatus(file) === undefined) console.log(`Chưa chạy lần nào trên ${settings.data}.`)
  else
    for (const [name, s] of Object.entries(result.body.processes))
      console.log(`${name.padEnd(12)}${s.state}${'reason' in s ? ` (${s.reason})` : ` (pid ${s.pid})`}`)
  if (waiting && !json) console.log(`${waiting} thư có tệp chưa đọc để tìm kiếm`)
  return result.code === 200 ? 0 : 1
}
