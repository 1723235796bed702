/**
 * A mail service to be measured: mailserver, and edge and desk where asked for, without scanner and demonstration. Its people are
 * `u0`…`u200@bench.test` with the password `bench`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { argon2Sync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { paths, ports } from '#config/settings.ts'
import type { Directory, ProcessName } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { leanEnv, leanFlags } from '#kit/process/lean.ts'
import { Refusal } from '#kit/refusal.ts'
import { openDatabase } from '#kit/store/open.ts'
import { freePortBase } from '#test/suite.ts'
import { until } from '#test/until.ts'

/** a store of a million messages that was not closed well copies its log back first */
const startMs = 120_000
const GB = 1_000_000_000
/** what the load generator signs in with; shorter than people may choose, so its hash is written past the check */
export const benchPassword = 'bench'
export const addressOf = (n: number): string => `u${n}@bench.test`

const root = join(import.meta.dirname, '..')
const kinds = ['mailserver', 'edge', 'desk'] as const
type Kind = (typeof kinds)[number]

export type ServiceGiven = {
  /** a folder that is there already is served as it is */
  data: string
  base: number
  /** beside the mail server */
  with?: readonly Exclude<Kind, 'mailserver'>[]
  /** people beside u0; 1 GB each, 20 GB for u0 */
  people?: number
  env?: Record<string, string>
}

export class MailService implements AsyncDisposable {
  readonly data: string
  readonly ports: ReturnType<typeof ports>
  readonly #given: ServiceGiven
  readonly #running = new Map<Kind, ChildProcess>()

  private constructor(given: ServiceGiven) {
    this.data = given.data
    this.ports = ports(given.base)
    this.#given = given
  }

  /** @throws Error when a process does not come up within the patience of `until` */
  static async start(given: ServiceGiven): Promise<MailService> {
    const service = new MailService(given)
    try {
      await service.#start()
      return service
    } catch (err) {
      await service[Symbol.asyncDispose]()
      throw err
    }
  }

  get desk(): string {
    return `http://127.0.0.1:${this.ports.desk}`
  }

  pid(kind: Kind = 'mailserver'): number {
    const pid = this.#running.get(kind)?.pid
    if (pid === undefined) throw new Error(`${kind} does not run`)
    return pid
  }

  directory(name: ProcessName = 'cli'): Directory {
    const at = paths(this.data)
    return createDirectory({ socket: at.control, process: name, secret: readFileSync(at.secret(name), 'utf8').trim() })
  }

  /** resolves when the mail server has ended, by itself or stopped */
  async ended(): Promise<void> {
    await once(this.#running.get('mailserver')!, 'exit')
  }

  async #start(): Promise<void> {
    const at = paths(this.data)
    const known = existsSync(at.cell(1))
    this.#serve('mailserver')
    await until(
      'the control API',
      () => existsSync(at.control) && existsSync(at.secret('cli')) && answers(this.ports.imap),
      { timeoutMs: startMs },
    )
    if (!known) await addPeople(this.directory(), at.accounts, this.#given.people ?? 200)
    for (const kind of this.#given.with ?? []) await this.also(kind)
  }

  /** Starts one more process beside the mail server, and waits until it listens. */
  async also(kind: Exclude<Kind, 'mailserver'>): Promise<void> {
    this.#serve(kind)
    await until(kind, () => (kind === 'edge' ? answers(this.ports.smtp) : opens(this.ports.desk)))
  }

  #serve(kind: Kind): void {
    const child = spawn(process.execPath, [...leanFlags, 'congso.ts', 'serve', kind], {
      cwd: root,
      env: {
        CONGSO_LOG_LEVEL: 'warn',
        ...process.env,
        ...leanEnv(root),
        CONGSO_DATA: this.data,
        CONGSO_PORT_BASE: String(this.#given.base),
        CONGSO_RSPAMD: 'off',
        ...this.#given.env,
      },
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    this.#running.set(kind, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const kind of [...kinds].reverse()) {
      const child = this.#running.get(kind)
      if (!child || child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
  }
}

/** Starts a service in an empty folder on free ports, and removes both again. */
export async function withMailService<T>(
  given: Omit<ServiceGiven, 'data' | 'base'>,
  use: (service: MailService) => Promise<T>,
): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), 'congso-bench-'))
  try {
    await using service = await MailService.start({ ...given, data, base: await freePortBase() })
    return await use(service)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function addPeople(directory: Directory, accounts: string, people: number): Promise<void> {
  await ignoringConflict(directory['domain.add']({ domain: 'bench.test' }))
  const hash = cheapHash(benchPassword)
  for (let n = 0; n <= people; n++)
    await ignoringConflict(
      directory['account.add']({
        address: addressOf(n),
        name: `U ${n}`,
        kind: 'person',
        quota: n === 0 ? 20 * GB : GB,
      }),
    )
  using db = openDatabase(accounts)
  db.prepare("update account set password = ? where address like 'u%@bench.test'").run(hash)
}

/** As cheap as a peer's {PLAIN}, or logins would measure the hash: argon2id with the least parameters that there are. */
function cheapHash(message: string): string {
  const [memory, passes, parallelism, tagLength] = [8, 1, 1, 32]
  const nonce = randomBytes(16)
  const tag = argon2Sync('argon2id', { message, nonce, memory, passes, parallelism, tagLength })
  const b64 = (octets: Buffer) => octets.toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${b64(nonce)}$${b64(tag)}`
}

async function ignoringConflict(done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (err) {
    if (!(err instanceof Refusal && err.status === 409)) throw err
  }
}

/** whether a greeting comes */
async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(1_000) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function opens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(1_000) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
