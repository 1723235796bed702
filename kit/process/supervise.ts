import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { subsystem } from '#kit/log.ts'
import { leanFlags } from '#kit/process/lean.ts'

/** What the parent knows of a process; `off` and `down` carry the reason. */
export type ProcessState =
  | { state: 'starting' | 'ready'; pid: number; restarts: number; warning?: string }
  | { state: 'down'; reason: string; restarts: number }
  | { state: 'off'; reason: string }

/** What a child tells its parent. */
export type ChildMessage =
  | { congso: 'ready' }
  | { congso: 'off'; reason: string }
  | { congso: 'warning'; text?: string }

const log = subsystem('supervisor')
// Quick at first, for a crash that will not repeat; slow later, so a broken process does not eat the machine.
const backOffMs = [100, 300, 1_000, 2_000, 5_000, 10_000, 30_000]
const steadyAfterMs = 60_000
// One that had come up and served is wanted back soon, however often it was killed: others wait for it.
const longestAfterServing = 4
const stopGraceMs = 20_000
/** Of the end of the log, in which the reason of a failed start is looked for. */
const reasonOctets = 2_000
/** A sentence on the screen of the start, not a dump. */
const reasonLength = 200
const logFileLimit = 50 * 1024 * 1024

export class Supervised {
  readonly name: string
  readonly #argv: readonly string[]
  readonly #program: string
  readonly #env: NodeJS.ProcessEnv
  readonly #logFile: string
  readonly #changed: () => void
  #child: ChildProcess | undefined
  #state: ProcessState = { state: 'down', reason: 'not started', restarts: 0 }
  #restarts = 0
  #failures = 0
  #stopping = false
  #warning: string | undefined
  #timer: NodeJS.Timeout | undefined
  #firstAnswer = Promise.withResolvers<ProcessState>()

  /** @param changed called whenever `state` does */
  constructor(given: {
    name: string
    program: string
    argv: readonly string[]
    env: NodeJS.ProcessEnv
    logFolder: string
    changed: () => void
  }) {
    this.name = given.name
    this.#program = given.program
    this.#argv = given.argv
    this.#env = given.env
    this.#changed = given.changed
    mkdirSync(given.logFolder, { recursive: true })
    this.#logFile = `${given.logFolder}/${given.name}.log`
  }

  get state(): ProcessState {
    return this.#state
  }
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts it; resolves when it is ready, off, or has ended for the first time. */
  start(): Promise<ProcessState> {
    this.#spawn()
    return this.#firstAnswer.promise
  }

  #set(state: ProcessState): void {
    this.#state = state
    if (state.state !== 'starting') this.#firstAnswer.resolve(state)
    this.#changed()
  }

  #running(child: ChildProcess) {
    return {
      pid: child.pid ?? 0,
      restarts: this.#restarts,
      ...(this.#warning === undefined ? {} : { warning: this.#warning }),
    }
  }

  #warn(child: ChildProcess, text: string | undefined): void {
    this.#warning = text
    const { state } = this.#state
    if (state === 'starting' || state === 'ready') this.#set({ state, ...this.#running(child) })
  }

  #spawn(): void {
    rotate(this.#logFile)
    const out = openSync(this.#logFile, 'a', 0o640)
    const child = fork(this.#program, this.#argv, {
      env: this.#env,
      execArgv: [...process.execArgv, ...leanFlags],
      stdio: ['ignore', out, out, 'ipc'],
    })
    closeSync(out)
    this.#child = child
    const started = performance.now()
    this.#warning = undefined
    this.#set({ state: 'starting', ...this.#running(child) })
    child.on('message', (message: ChildMessage) => {
      if (message.congso === 'ready') this.#set({ state: 'ready', ...this.#running(child) })
      if (message.congso === 'warning') this.#warn(child, message.text)
      if (message.congso === 'off') this.#set({ state: 'off', reason: message.reason })
    })
    child.on('error', (err) => log.error({ process: this.name, err }, 'cannot start process'))
    child.on('exit', (code, signal) => {
      this.#child = undefined
      const said = this.#state.state === 'starting' ? lastLine(this.#logFile) : undefined
      const reason = (signal ? `ended by ${signal}` : `ended with code ${code}`) + (said ? `: ${said}` : '')
      if (this.#stopping) return this.#set({ state: 'down', reason: 'stopped', restarts: this.#restarts })
      if (this.#state.state === 'off' && code === 0) return
      this.#failures = performance.now() - started > steadyAfterMs ? 0 : this.#failures + 1
      this.#restarts++
      const longest = this.#state.state === 'ready' ? longestAfterServing : backOffMs.length
      const wait = backOffMs[Math.min(this.#failures, longest) - 1] ?? backOffMs[0]!
      log.warn({ process: this.name, reason, restartInMs: wait, log: this.#logFile }, 'process ended, restarting')
      this.#set({ state: 'down', reason, restarts: this.#restarts })
      this.#timer = setTimeout(() => this.#spawn(), wait)
    })
  }

  /** Asks it to end, and ends it by force when it does not within 20 s. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.#child
    if (!child) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const force = setTimeout(() => {
      log.error({ process: this.name }, 'did not stop in time, killed')
      child.kill('SIGKILL')
    }, stopGraceMs)
    await ended
    clearTimeout(force)
  }
}

/** What a program that could not start said last; undefined when it is a line of the log (JSON), which is not for people. */
function lastLine(file: string): string | undefined {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  const from = Math.max(0, size - reasonOctets)
  const octets = Buffer.alloc(size - from)
  const fd = openSync(file, 'r')
  try {
    readSync(fd, octets, 0, octets.length, from)
  } finally {
    closeSync(fd)
  }
  const line = octets.toString().trimEnd().split('\n').at(-1)?.trim()
  return line && !line.startsWith('{') ? line.slice(0, reasonLength) : undefined
}

function rotate(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > logFileLimit) renameSync(file, `${file}.1`)
}
