/**
 * The listeners of one thread: plain IMAP with STARTTLS, and IMAP under TLS. Counts are shared by all threads
 * of the process, so that limits hold for the whole of it.
 */
import { createServer as createPlain, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { createServer as createSecured } from 'node:tls'
import { Connection } from './connection.ts'
import { beforeLoginMs, commandMs, idleMs, maxConnections, maxConnectionsBeforeLogin, sweepMs } from './limits.ts'
import { rightsOn } from './places.ts'
import { sentences } from './reply.ts'
import type { Given, Session } from './session.ts'

/** Sessions looked at before others get their turn. */
const sweepTogether = 50

/** Shared Int32 cells, two for each thread: its connections, and those not signed in. */
export const cellsPerThread = 2

export function countAll(cells: Int32Array, which: 'all' | 'strangers'): number {
  let sum = 0
  for (let at = which === 'all' ? 0 : 1; at < cells.length; at += cellsPerThread) sum += Atomics.load(cells, at)
  return sum
}

export type Listening = { host: string; imap: number; imaps: number; tls?: { key: string; cert: string } }

export class Listener implements AsyncDisposable {
  readonly #given: Given
  readonly #counts: Int32Array
  readonly #mine: { all: number; strangers: number }
  readonly #connections = new Set<Connection>()
  readonly #strangers = new Set<Session>()
  readonly #servers: Server[] = []
  readonly #sweeper: NodeJS.Timeout
  /** said once between two looks: whoever floods us must not flood the log */
  #warned = false

  constructor(given: Omit<Given, 'signedIn'>, counts: Int32Array, thread: number) {
    this.#given = { ...given, signedIn: (session) => this.#known(session) }
    this.#counts = counts
    this.#mine = { all: thread * cellsPerThread, strangers: thread * cellsPerThread + 1 }
    this.#sweeper = setInterval(() => void this.sweep(), sweepMs)
  }

  async listen({ host, imap, imaps, tls }: Listening): Promise<void> {
    // A client may shut down its half after the last command and still wait for the answers.
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 120_000, allowHalfOpen: true }
    const plain = createPlain(options, (socket) => this.#accept(socket, false))
    this.#servers.push(plain)
    await listening(plain, host, imap)
    if (!tls) return
    const secured = createSecured(
      { ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: beforeLoginMs },
      (socket) => this.#accept(socket, true),
    )
    secured.on('tlsClientError', (error) => this.#given.log.debug({ why: error.message }, 'TLS handshake failed'))
    this.#servers.push(secured)
    await listening(secured, host, imaps)
  }

  #accept(socket: Socket, encrypted: boolean): void {
    const all = countAll(this.#counts, 'all')
    const strangers = countAll(this.#counts, 'strangers')
    if (all >= maxConnections || strangers >= maxConnectionsBeforeLogin) {
      socket.on('error', () => undefined) // it may hang up while it is told; there is nobody left to tell
      socket.end(`* BYE [UNAVAILABLE] ${sentences.full}\r\n`, () => socket.destroy())
      if (!this.#warned) this.#given.log.warn({ connections: all, strangers }, 'no more connections')
      this.#warned = true
      return
    }
    Atomics.add(this.#counts, this.#mine.all, 1)
    Atomics.add(this.#counts, this.#mine.strangers, 1)
    const connection = new Connection(this.#given, socket, { encrypted })
    const { session } = connection
    this.#connections.add(connection)
    this.#strangers.add(session)
    void connection.ended.then(() => {
      this.#connections.delete(connection)
      this.#known(session)
      Atomics.sub(this.#counts, this.#mine.all, 1)
    })
  }

  #known(session: Session): void {
    if (this.#strangers.delete(session)) Atomics.sub(this.#counts, this.#mine.strangers, 1)
  }

  /** Ends what has waited too long, and what is no longer allowed (design §5: within 60 s). */
  async sweep(now = Date.now()): Promise<void> {
    this.#warned = false
    let looked = 0
    for (const connection of [...this.#connections]) {
      if (++looked % sweepTogether === 0) await setImmediate()
      const why = reasonToEnd(connection.session, now)
      if (!why) continue
      this.#given.log.info({ ref: connection.session.ref, why }, 'session ended by the server')
      connection.bye(why)
    }
  }

  get connections(): number {
    return this.#connections.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper)
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    for (const connection of this.#connections) connection.bye('[UNAVAILABLE] the server stops')
    await Promise.all([...closed, ...[...this.#connections].map((connection) => connection.ended)])
  }
}

function reasonToEnd(session: Session, now: number): string | undefined {
  const { accounts } = session.given
  if (!session.signedIn) return now - session.startedAt > beforeLoginMs ? 'too slow to sign in' : undefined
  if (now - Math.max(session.lastActivity, session.out.lastProgress) > idleMs) return 'idle for too long'
  if (session.receivingSince !== undefined && now - session.receivingSince > commandMs)
    return 'the command takes too long'
  if (!accounts.stillGood(session.signedIn)) return sentences.withdrawn
  if (session.view?.place.shared && !rightsOn(session, session.view).includes('r')) return sentences.withdrawn
  return undefined
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, reusePort: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
