/** The listener: smtp-server with our connections, and certificates that change under it. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import { subsystem } from '#kit/log.ts'
import { type Pace, type Paced, Pacer } from '#mailserver/submission/pace.ts'
import type { Contexts } from '#mailserver/tls/contexts.ts'
import { EdgeConnection, type Serving } from './connection.ts'

const log = subsystem('edge')

/** RFC 5321 §4.5.3.2.7 asks for five minutes; who faces the world has other guests waiting. */
const SILENCE_MS = 120_000
/** At the end, a letter whose commit is under way has this long to be answered. */
const DRAIN_MS = 5_000
/** And clients that long to take the last reply. */
const LAST_WORD_MS = 200

/** What is of no use to a stranger: signing in, speaking for another client, jokes. */
const OFF = ['AUTH', 'XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL']

export class EdgeServer extends SMTPServer {
  readonly #serving: Serving
  readonly #open = new Set<EdgeConnection>()
  readonly #pacer: Pacer

  constructor(options: SMTPServerOptions, contexts: Contexts, serving: Serving, pace: Pace) {
    super({
      ...contexts.serverOptions(),
      banner: 'Cong So',
      size: serving.most,
      authOptional: true,
      disabledCommands: OFF,
      disableReverseLookup: true, // ours asks when a letter is there, and keeps nobody waiting for the greeting
      hideENHANCEDSTATUSCODES: false,
      socketTimeout: SILENCE_MS,
      closeTimeout: LAST_WORD_MS,
      logger: false,
      ...options,
    })
    this.#serving = serving
    this.#pacer = new Pacer(pace)
    this.on('error', (err: Error) => log.debug({ err }, 'connection failed'))
    // smtp-server listens a moment later; an error that nobody hears would end the process
    this.server.on('connection', (socket) => socket.on('error', () => {}))
  }

  override connect(socket: Socket, options?: SMTPConnectionOptions): void {
    const id = randomUUID().toUpperCase()
    const connection = new EdgeConnection(this, socket, { ...options, id }, this.#serving)
    this.#open.add(connection)
    this.#pacer.enter(connection as unknown as Paced)
    connection.once('gone', () => {
      this.#open.delete(connection)
      this.#pacer.leave(connection as unknown as Paced)
    })
    this.connections.add(connection)
    connection.on('error', (err) => this._onError(err))
    connection.init()
  }

  /** @throws Error EADDRINUSE and the like */
  async start(at: { host: string; port: number }): Promise<number> {
    const listener = this.listen(at.port, at.host)
    await once(listener, 'listening')
    return (listener.address() as AddressInfo).port
  }

  /** Nobody new; letters whose answer is due are answered; then all are sent away. */
  async stop(): Promise<void> {
    this.server.close()
    this.#pacer[Symbol.dispose]()
    for (const connection of this.#open)
      if (!connection.deciding) connection.send(421, '4.3.2 Server is stopping, try later / May chu dang dung')
    const due = [...this.#open].flatMap(({ deciding }) => deciding ?? [])
    await Promise.race([Promise.all(due), wait(DRAIN_MS, undefined, { ref: false })])
    await new Promise<void>((resolve) => this.close(() => resolve()))
    for (const connection of this.#open) connection._socket.destroy()
  }
}
