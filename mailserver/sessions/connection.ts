/** One accepted connection: its socket wired to a session, STARTTLS, and the end. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { channelOf } from '#mailserver/tls/channel.ts'
import type { Contexts } from '#mailserver/tls/contexts.ts'
import { type Compressed, compressed } from './compression.ts'
import { ClientGone, Output } from './output.ts'
import type { ClientSession, Protocol, Shared } from './session.ts'
import { ByteSource } from './source.ts'

/** Octets that the kernel of the other side gets to take our last words before the socket is destroyed. */
const lingerMs = 2_000

export class Connection {
  readonly session: ClientSession
  readonly protocol: Protocol['name']
  readonly ended: Promise<void>
  #socket: Socket
  /** a TLS handshake is under way, whose end nobody but the client can bring */
  #shaking = false
  #compressed: Compressed | undefined

  constructor(protocol: Protocol, shared: Shared, socket: Socket, { encrypted }: { encrypted: boolean }) {
    this.#socket = socket
    this.protocol = protocol.name
    const ip = socket.remoteAddress ?? ''
    const streams = { input: new ByteSource(), out: new Output(socket) }
    this.session = protocol.open({ ...streams, ip, loopback: isLoopback(ip), encrypted }, shared)
    if (socket instanceof TLSSocket) this.session.channel = channelOf(socket)
    if (!encrypted && shared.tls) this.session.startTls = () => this.#secure(shared.tls!)
    this.session.startCompression = () => this.#compress()
    this.#wire(socket)
    this.ended = this.session.serve().then(() => this.#close())
  }

  #wire(socket: Socket): void {
    const { session } = this
    session.input.attach(socket)
    socket.on('data', (chunk: Buffer) => {
      session.lastActivity = performance.now()
      session.input.push(chunk)
    })
    socket.on('end', () => session.input.end())
    socket.on('close', () => this.#gone(socket))
    socket.on('error', (error: Error) => {
      session.given.log.debug({ ref: session.ref, why: error.message }, 'connection failed')
      this.#gone(socket)
    })
  }

  #gone(socket: Socket): void {
    if (socket !== this.#socket) return // the plain stream under a secured one
    this.session.input.end()
    this.session.out.end()
  }

  /** RFC 9051 §11.1, RFC 2595 §4: nothing that came before the handshake counts. */
  async #secure(tls: Contexts): Promise<void> {
    const { session } = this
    const plain = this.#socket
    session.input.discard()
    plain.removeAllListeners('data')
    plain.removeAllListeners('end')
    plain.removeAllListeners('drain')
    const secured = new TLSSocket(plain, { isServer: true, ...tls.socketOptions() })
    this.#socket = secured
    session.out.attach(secured)
    this.#wire(secured)
    this.#shaking = true
    const ready = once(secured, 'secure')
    await Promise.race([ready, once(secured, 'close')]).catch(() => undefined)
    this.#shaking = false
    if (secured.destroyed || !secured.encrypted || secured.getCipher() === undefined) throw new ClientGone()
    session.encrypted = session.secure = true
    session.channel = channelOf(secured)
    session.startTls = undefined
  }

  /** RFC 4978 §3: what both sides say from here on is deflated, under TLS where there is TLS. */
  #compress(): void {
    const { session } = this
    const socket = this.#socket
    session.startCompression = undefined
    session.startTls = undefined
    socket.removeAllListeners('data')
    socket.removeAllListeners('end')
    socket.removeAllListeners('drain')
    const { inflate, deflate } = compressed(socket, session.input.takeAll(), () => {
      session.lastActivity = performance.now()
    })
    this.#compressed = { inflate, deflate }
    session.input.attach(inflate)
    session.out.attach(deflate)
    inflate.on('data', (chunk: Buffer) => session.input.push(chunk))
    inflate.on('end', () => session.input.end())
    const failed = (error: Error) => {
      session.given.log.debug({ ref: session.ref, why: error.message }, 'compression failed')
      this.#gone(socket)
    }
    inflate.on('error', failed)
    deflate.on('error', failed)
    socket.resume() // it may have been held back for what was read ahead
  }

  /** Ends the session from outside: time-out, withdrawn right, shutdown. */
  bye(text: string): void {
    const { session } = this
    if (this.#shaking) this.#socket.destroy()
    if (!this.#socket.destroyed && !session.ending) {
      session.out.flush()
      // In the middle of a message a line would be taken for its octets; then the connection just ends.
      const farewell = session.farewell(text)
      if (!session.busy && farewell) (this.#compressed?.deflate ?? this.#socket).write(farewell)
    }
    session.ending = true
    session.input.end()
    session.out.end()
  }

  async #close(): Promise<void> {
    const socket = this.#socket
    if (socket.destroyed) return
    const timer = setTimeout(() => socket.destroy(), lingerMs)
    socket.resume() // what the client still says is not heard, but must not keep the end from coming
    if (this.#compressed && !this.#compressed.deflate.destroyed) {
      this.#compressed.inflate.destroy()
      this.#compressed.deflate.end() // and then the socket
    } else socket.end()
    if (!socket.closed) await once(socket, 'close').catch(() => undefined)
    clearTimeout(timer)
  }
}

/** Where our own processes come from: the desk, the workers. */
export const isOurs = (ip: string): boolean => ip === '::1' || /^(::ffff:)?127\.0\.0\.1$/.test(ip)
export const isLoopback = (ip: string): boolean => ip === '::1' || /^(::ffff:)?127\./.test(ip)
