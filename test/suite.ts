/**
 * The suite as `npm start` runs it, in an empty folder on free ports, for tests that tell whole stories. It is the same
 * command line and the same processes; nothing is replaced.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { paths, ports } from '#config/settings.ts'
import type { Directory, ProcessName } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { leanEnv } from '#kit/process/lean.ts'
import type { SuiteStatus } from '#kit/process/status.ts'
import { soon, until } from '#test/until.ts'

const ownTree = join(import.meta.dirname, '..')

export class TestSuite {
  readonly data: string
  readonly base: number
  readonly ports: ReturnType<typeof ports>
  readonly #env: Record<string, string>
  readonly #root: string
  #parent: ChildProcess | undefined
  #output = ''

  constructor(data: string, base: number, env: Record<string, string>, root = ownTree) {
    this.data = data
    this.base = base
    this.ports = ports(base)
    this.#env = env
    this.#root = root
  }

  get portal(): string {
    return `http://127.0.0.1:${this.ports.portal}`
  }
  get desk(): string {
    return `http://127.0.0.1:${this.ports.desk}`
  }
  get sink(): string {
    return `http://127.0.0.1:${this.ports.sinkPage}`
  }
  /** what the parent printed */
  get output(): string {
    return this.#output
  }

  /** Starts the parent and waits until every process is ready or off. @throws Error with its output when it ends or takes over 90 s */
  async start(env: Record<string, string> = {}): Promise<void> {
    const parent = spawn(process.execPath, ['congso.ts', 'start'], {
      cwd: this.#root,
      env: {
        ...process.env,
        ...leanEnv(this.#root),
        CONGSO_DATA: this.data,
        CONGSO_PORT_BASE: String(this.base),
        ...this.#env,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#parent = parent
    for (const stream of [parent.stdout, parent.stderr])
      stream.on('data', (d: Buffer) => (this.#output += d.toString()))
    const until = Date.now() + 90_000
    while (!(await this.healthy())) {
      if (parent.exitCode !== null) throw new Error(`the suite ended:\n${this.#output}`)
      if (Date.now() > until)
        throw new Error(`the suite is not ready:\n${this.#output}\n${JSON.stringify(this.status())}`)
      await soon()
    }
  }

  async healthy(): Promise<boolean> {
    const answer = await fetch(`${this.desk}/healthz`).catch(() => undefined) // refused: not listening yet
    return answer?.status === 200
  }

  status(): SuiteStatus['processes'] {
    try {
      return (JSON.parse(readFileSync(paths(this.data).status, 'utf8')) as SuiteStatus).processes
    } catch {
      return {}
    }
  }

  pid(name: string): number {
    const state = this.status()[name]
    if (!state || !('pid' in state)) throw new Error(`${name} does not run`)
    return state.pid
  }

  /** Kills one process as a power cut would, and waits until its successor is ready. */
  async killAndAwait(name: string): Promise<void> {
    const before = this.pid(name)
    process.kill(before, 'SIGKILL')
    await until(`${name} to come back`, () => {
      const state = this.status()[name]
      return state?.state === 'ready' && state.pid !== before
    })
  }

  directory(name: ProcessName = 'cli'): Directory {
    const at = paths(this.data)
    return createDirectory({ socket: at.control, process: name, secret: readFileSync(at.secret(name), 'utf8').trim() })
  }

  /** Runs `congso <args>` against this suite. */
  async command(...args: string[]): Promise<{ code: number; out: string }> {
    const child = spawn(process.execPath, ['congso.ts', ...args], {
      cwd: this.#root,
      env: {
        ...process.env,
        ...leanEnv(this.#root),
        CONGSO_DATA: this.data,
        CONGSO_PORT_BASE: String(this.base),
        ...this.#env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (d: Buffer) => (out += d.toString()))
    const code = await new Promise<number>((resolve) => child.on('close', (c) => resolve(c ?? -1)))
    return { code, out }
  }

  async stop(): Promise<void> {
    const parent = this.#parent
    if (!parent || parent.exitCode !== null) return
    const ended = new Promise((resolve) => parent.once('exit', resolve))
    parent.kill('SIGTERM')
    await ended
    this.#parent = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    rmSync(this.data, { recursive: true, force: true })
  }
}

/**
 * @param env settings of this suite, by their environment names
 * @param root another copy of the tree to run
 */
export async function startTestSuite(env: Record<string, string> = {}, root?: string): Promise<TestSuite> {
  const settings = {
    CONGSO_LOG_LEVEL: 'info',
    CONGSO_IMAP_THREADS: '1',
    ...env,
  }
  const suite = new TestSuite(mkdtempSync(join(tmpdir(), 'congso-suite-')), await freePortBase(), settings, root)
  try {
    await suite.start()
    return suite
  } catch (err) {
    await suite[Symbol.asyncDispose]()
    // somebody took a port between our look and our listening
    if (suite.output.includes('EADDRINUSE')) return startTestSuite(env, root)
    throw err
  }
}

/** A base on which every port of the suite is free; any number, so that suites that start at once seldom meet. All ports stay below the range of outgoing connections. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 11_000 + Math.floor(Math.random() * 17_000)
    const free = await Promise.all(Object.values(ports(base)).map(portIsFree))
    if (free.every(Boolean)) return base
  }
  throw new Error('no base with free ports was found')
}

function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
