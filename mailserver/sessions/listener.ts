/**
 * The listeners of one thread, plain ones with STARTTLS and those under TLS from the start, of every protocol that it serves.
 * Counts are shared by all threads of the process, so that limits hold for the whole of it.
 */
import { type AddressInfo, createServer as createPlain, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { subsystem } from '#kit/log.ts'
import type { Contexts } from '#mailserver/tls/contexts.ts'
import { Connection, isOurs } from './connection.ts'
import { beforeLoginMs, lineMs, maxConnectionsBeforeLogin, maxStrangersOfAddress, sweepMs, unreadMs } from './limits.ts'
import { isMeant, type Seen, type Which } from './seen.ts'
import type { ClientSession, Protocol, Shared } from './session.ts'

/** Sessions looked at before others get their turn. */
const sweepTogether = 50

/** Shared Int32 cells, two for each thread: its connections, and those not signed in. */
export const cellsPerThread = 2

export function countAll(cells: Int32Array, which: 'all' | 'strangers'): number {
  let sum = 0
  for (let at = which === 'all' ? 0 : 1; at < cells.length; at += cellsPerThread) sum += Atomics.load(cells, at)
  return sum
}

/** Where one protocol is served; `secured` only when there is a certificate. 0 takes a free port. */
export type Listening = { protocol: Protocol; host: string; plain: number; secured?: number }

export class Listener implements AsyncDisposable {
  readonly #shared: Shared
  readonly #counts: Int32Array
  readonly #mine: { all: number; strangers: number }
  readonly #connections = new Set<Connection>()
  readonly #strangers = new Set<ClientSession>()
  readonly #servers: Server[] = []
  readonly #sweeper: NodeJS.Timeout
  readonly #places: number
  /** connections that have yet to agree on TLS */
  #shaking = 0
  /** said once between two looks: whoever floods us must not flood the log */
  #warned = false
  #stopped = false

  /** @param places connections of all threads together */
  constructor(
    shared: Omit<Shared, 'signedIn'>,
    counts: Int32Array,
    { thread, places }: { thread: number; places: number },
  ) {
    this.#shared = { ...shared, signedIn: (session) => this.#known(session) }
    this.#counts = counts
    this.#places = places
    this.#mine = { all: thread * cellsPerThread, strangers: thread * cellsPerThread + 1 }
    this.#sweeper = setInterval(() => void this.sweep(), sweepMs / (shared.haste ?? 1))
  }

  /** @returns the ports */
  async listen({ protocol, host, plain, secured }: Listening): Promise<{ plain: number; secured?: number }> {
    // A client may shut down its half after the last command and still wait for the answers.
    const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 120_000, allowHalfOpen: true }
    const shared = { ...this.#shared, log: subsystem(protocol.name) }
    const server = createPlain(options, (socket) => this.#accept(protocol, shared, socket, false))
    this.#servers.push(server)
    const port = await listening(server, host, plain)
    const { tls } = this.#shared
    if (secured === undefined || !tls) return { plain: port }
    const under = createPlain(options, (socket) =>
      this.#shake(socket, tls, (encrypted) => this.#accept(protocol, shared, encrypted, true)),
    )
    this.#servers.push(under)
    return { plain: port, secured: await listening(under, host, secured) }
  }

  /**
   * Agrees on TLS, in the time that strangers have. `handshakeTimeout` of `tls.createServer` is about silence: an octet now and then kept such
   * a connection for ever, and nobody counted it.
   */
  #shake(socket: Socket, tls: Contexts, then: (encrypted: TLSSocket) => void): void {
    socket.on('error', () => undefined) // the TLS socket hears it too
    if (this.#shaking >= maxConnectionsBeforeLogin) return void socket.destroy() // nothing can be said before TLS
    this.#shaking++
    const encrypted = new TLSSocket(socket, { isServer: true, ...tls.socketOptions() })
    const late = setTimeout(() => encrypted.destroy(), beforeLoginMs / (this.#shared.haste ?? 1))
    const failed = (error: Error) => this.#shared.log.debug({ why: error.message }, 'TLS handshake failed')
    const over = () => {
      clearTimeout(late)
      this.#shaking--
      encrypted.off('close', over).off('secure', secure)
    }
    const secure = () => {
      over()
      encrypted.off('error', failed)
      then(encrypted)
    }
    encrypted.on('error', failed).once('close', over).once('secure', secure)
  }

  #accept(protocol: Protocol, shared: Shared, socket: Socket, encrypted: boolean): void {
    const all = countAll(this.#counts, 'all')
    const strangers = countAll(this.#counts, 'strangers')
    if (all >= this.#places || strangers >= maxConnectionsBeforeLogin || this.#crowded(socket.remoteAddress ?? '')) {
      socket.on('error', () => undefined) // it may hang up while it is told; there is nobody left to tell
      socket.end(protocol.full, () => socket.destroy())
      if (!this.#warned) this.#shared.log.warn({ connections: all, strangers }, 'no more connections')
      this.#warned = true
      return
    }
    Atomics.add(this.#counts, this.#mine.all, 1)
    Atomics.add(this.#counts, this.#mine.strangers, 1)
    const connection = new Connection(protocol, shared, socket, { encrypted })
    const { session } = connection
    this.#connections.add(connection)
    this.#strangers.add(session)
    void connection.ended.then(() => {
      this.#connections.delete(connection)
      this.#known(session)
      Atomics.sub(this.#counts, this.#mine.all, 1)
    })
  }

  /** One address has taken what it may have of this thread's share of places for strangers. */
  #crowded(ip: string): boolean {
    const share = Math.ceil((maxStrangersOfAddress * cellsPerThread) / this.#counts.length)
    if (this.#strangers.size < share || isOurs(ip)) return false
    let n = 0
    for (const session of this.#strangers) if (session.ip === ip) n++
    return n >= share
  }

  #known(session: ClientSession): void {
    if (this.#strangers.delete(session)) Atomics.sub(this.#counts, this.#mine.strangers, 1)
  }

  /** Ends what has waited too long, and what is no longer allowed (design §5: within 60 s). */
  async sweep(now = performance.now()): Promise<void> {
    this.#warned = false
    let looked = 0
    for (const connection of [...this.#connections]) {
      if (++looked % sweepTogether === 0) await setImmediate()
      if (this.#stopped) return // and the accounts with us: nobody can be looked up any more
      const why = reasonToEnd(connection.session, now)
      if (!why) continue
      connection.session.given.log.info({ ref: connection.session.ref, why }, 'session ended by the server')
      connection.bye(why)
    }
  }

  /** Those that are signed in. */
  list(): Seen[] {
    return [...this.#connections].flatMap(({ session, protocol }) => {
      if (!session.signedIn || session.ending) return []
      return {
        id: session.ref,
        protocol,
        account: session.signedIn.account.address,
        ip: session.ip,
        encrypted: session.encrypted,
        ...(session.program !== undefined && { client: session.program }),
        ...(session.openFolder !== '' && { folder: session.openFolder }),
        since: Math.round(Date.now() - (performance.now() - session.begunAt)),
        idleMs: performance.now() - session.lastActivity,
      }
    })
  }

  /** @returns how many it ended */
  end(which: Which): number {
    const found = [...this.#connections].filter(
      ({ session }) =>
        session.signedIn && !session.ending && isMeant(which, session.ref, session.signedIn.account.address),
    )
    for (const connection of found) {
      connection.session.given.log.info(
        { ref: connection.session.ref, account: connection.session.signedIn?.account.address },
        'session ended by an administrator',
      )
      connection.bye(ended)
    }
    return found.length
  }

  get connections(): number {
    return this.#connections.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper)
    this.#stopped = true
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    for (const connection of this.#connections) connection.bye('[UNAVAILABLE] the server stops')
    await Promise.all([...closed, ...[...this.#connections].map((connection) => connection.ended)])
  }
}

function reasonToEnd(session: ClientSession, now: number): string | undefined {
  if (!session.signedIn)
    return session.waited(session.strangerSince, now, beforeLoginMs) ? 'too slow to sign in' : undefined
  if (session.waited(Math.max(session.lastActivity, session.out.lastProgress), now, session.idleMs))
    return 'idle for too long'
  if (session.waited(session.out.stuckSince, now, unreadMs)) return 'its answers are not read'
  if (session.waited(session.input.unfinishedSince, now, lineMs)) return 'the line takes too long'
  if (!session.given.accounts.stillGood(session.signedIn)) return withdrawn
  return session.reasonToEnd(now)
}

const ended = 'Quản trị viên đã kết thúc phiên này. / An administrator has ended this session.'
const withdrawn = 'Quyền truy cập đã kết thúc. / Access has ended.'

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, reusePort: true }, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
