import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { subsystem } from '#kit/log.ts'

const log = subsystem('edge:haraka')

/** Haraka takes 1.5 s alone and several times that when the whole suite starts on two cores. */
const START_MS = 60_000
/** Ending waits for transactions in their last step; longer than Haraka's own limit of 5 s. */
const STOP_MS = 10_000
const BACK_OFF_MS = [100, 500, 2_000, 5_000, 15_000]
const STEADY_MS = 60_000

/** Haraka as a child process, restarted with back-off until `stop`. */
export class Haraka {
  readonly #folder: string
  readonly #host: string
  readonly #port: number
  #child: ChildProcess | undefined
  #stopping = false
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  constructor(given: { folder: string; host: string; port: number }) {
    this.#folder = given.folder
    this.#host = given.host
    this.#port = given.port
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when the port greets. @throws Error when it does not within a minute */
  async start(): Promise<void> {
    this.#spawn()
    const end = performance.now() + START_MS
    while (!(await greets(this.#host, this.#port))) {
      if (performance.now() > end) {
        await this.stop()
        throw new Error(`Haraka did not greet on ${this.#host}:${this.#port} within ${START_MS / 1000} s`)
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGINT') // SIGTERM is ignored unless Haraka is process 1
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(timer)
  }

  #spawn(): void {
    const program = `${dirname(createRequire(import.meta.url).resolve('haraka/package.json'))}/bin/haraka`
    const began = performance.now()
    // its standard input ends with this process, and Haraka's plugin of ours ends with that
    const child = spawn(process.execPath, [...process.execArgv, program, '-c', this.#folder], {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: this.#folder,
    })
    this.#child = child
    child.stdin?.on('error', (err) => log.debug({ err }, 'standard input closed'))
    relay(child.stdout!)
    relay(child.stderr!)
    child.on('error', (err) => log.error({ err }, 'Haraka cannot be run'))
    child.on('exit', (code, signal) => {
      if (this.#stopping) return
      if (performance.now() - began > STEADY_MS) this.#failures = 0
      const wait = BACK_OFF_MS[Math.min(this.#failures++, BACK_OFF_MS.length - 1)]!
      log.error({ code, signal, againInMs: wait }, 'Haraka ended')
      this.#timer = setTimeout(() => this.#spawn(), wait)
    })
  }
}

/** One JSON object a line, with a few plain lines between, and lines of our own log, which are passed on as they are. */
function relay(stream: Readable): void {
  createInterface({ input: stream }).on('line', (line) => {
    let entry: Record<string, unknown>
    try {
      entry = JSON.parse(line) as Record<string, unknown>
    } catch {
      // plain start-up lines and stack traces
      if (line.trim() !== '') log[/error|crit|exception/i.test(line) ? 'error' : 'debug'](line)
      return
    }
    if (typeof entry['subsystem'] === 'string') {
      process.stderr.write(`${line}\n`)
      return
    }
    const { level, message, ...rest } = entry
    const bad = /^(WARN|ERROR|CRIT|ALERT|EMERG)/i.test(String(level))
    log[bad ? 'warn' : 'info'](rest, String(message ?? ''))
  })
}

async function greets(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  try {
    const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [Buffer]
    return chunk.toString('latin1').startsWith('220')
  } catch {
    return false // not there yet: the caller asks again until its limit
  } finally {
    socket.on('error', () => {}) // the connection is given up
    socket.destroy()
  }
}
